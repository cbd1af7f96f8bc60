import type { SecretValue } from '../../../core/secret/secret-value.js';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import { KIND } from '../errors/vault.source.errors.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';

export type Results = Map<string, SecretVersion | SecretError>;

/** How names lead to KV: each to a path, or each to a field of one document. */
export interface KvNames {
  /** True where there is a bound to what it holds: a prefix or a document. */
  readonly isBounded: boolean;
  /** Where a name leads, as people know the place. */
  placeOf(name: string): string;
  /** The requests that read it. */
  askedFor(name: string): readonly string[];
  /** The names that lead to a path, which may have `data/` in it, as the second version of KV has. @param path with the mount. */
  namesAt(path: string): readonly string[];
  readInto(results: Results, names: readonly string[], context: ReadContext): Promise<void>;
  /** Rejects where nothing can be told of any; what is wrong with one is in its place. */
  readAll(context: ReadContext): Promise<Results>;
  list(prefix: string, context: ReadContext): Promise<readonly string[]>;
  exists(name: string, context: ReadContext): Promise<boolean>;
  write(name: string, value: SecretValue, context: WriteContext): Promise<void>;
  /** All below a path; undefined where there are no paths. */
  readonly readPath: ((path: string, context: ReadContext) => Promise<Results>) | undefined;
}

/** The version that must be the latest, as a number; undefined where none is asked for. Throws SecretConfigurationError for what is not a number. */
export function casOf({ cas }: Pick<WriteContext, 'cas'>): number | undefined {
  if (cas === undefined) return undefined;
  if (/^\d{1,15}$/.test(cas)) return Number(cas);
  throw new SecretConfigurationError("`cas` is not a number: KV's versions are numbers, 0 for none.", {
    sourceKind: KIND,
  });
}

/** Paths within a mount that an event's path may mean. */
export function pathsBelow(mount: string, path: string): readonly string[] {
  if (!path.startsWith(`${mount}/`)) return [];
  const within = path.slice(mount.length + 1);
  const bare = within.replace(/^(?:data|metadata|delete|undelete|destroy)\//, '');
  return bare === within ? [within] : [bare, within];
}
