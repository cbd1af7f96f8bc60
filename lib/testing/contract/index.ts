export { describeSecretSource } from './describe-secret-source.js';
export type {
  MakeSource,
  Quota,
  SeedValues,
  SourceContractOptions,
  SourcePart,
  SourceUnderTest,
  TestFunction,
  ValueKind,
} from './source-under-test.js';
