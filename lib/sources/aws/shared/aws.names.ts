import type { SecretError } from '../../../core/errors/index.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import type { PathContext, ReadContext, WriteContext } from '../../../core/source/secret-source.js';

export type Results = Map<string, SecretVersion | SecretError>;

/** How names lead to a store: each to a secret (`PrefixedNames`), or each to a field of one document (`DocumentNames`). */
export interface AwsNames {
  /** True where there is a bound to what it holds: a prefix or a document. */
  readonly isBounded: boolean;
  /** Where a name leads, as people know the place. */
  placeOf(name: string): string;
  read(names: readonly string[], context: ReadContext): Promise<Results>;
  readPath(path: string, context: PathContext): Promise<Results>;
  list(prefix: string, context: ReadContext): Promise<readonly string[]>;
  exists(name: string, context: ReadContext): Promise<boolean>;
  write(name: string, value: SecretValue, context: WriteContext): Promise<void>;
  canonicalName(name: string): string;
  /** Why none can be created under this name; asks nobody. */
  newNameRefusal(name: string): SecretError | undefined;
  /** The names, as `read` takes them, that an announced name or ARN may stand for. */
  namesOf(announced: string): readonly string[];
}
