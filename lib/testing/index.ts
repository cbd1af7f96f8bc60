export { HcpVaultSecretsEmulator } from './emulator/index.js';
export type {
  EmulatedRequest,
  EmulatorFault,
  EmulatorKeyPair,
  EmulatorOptions,
  HcpEnvironment,
  SecretSpec,
  Seed,
} from './emulator/index.js';
export { TypedTestClient as HcpVaultTestClient } from './module/typed-test-client.js';
export { HcpVaultTestingModule } from './module/hcp-vault-testing.module.js';
export type { TestOptions } from './module/hcp-vault-testing.module.js';
export { describeSecretSource } from './contract/index.js';
export type {
  MakeSource,
  Quota,
  SeedValues,
  SourceContractOptions,
  SourcePart,
  SourceUnderTest,
  TestFunction,
  ValueKind,
} from './contract/index.js';
