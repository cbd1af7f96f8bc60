import { isSecretError } from '../../core/errors/index.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';

export type Versions = ReadonlyMap<string, SecretVersion>;

/** "Not found" said of a call as a whole (no such app) moves on like any other; it stands in for what there is when there is nothing. */
export async function orNothing<T>(work: Promise<T>, nothing: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isSecretError(error) && error.code === 'SECRET_NOT_FOUND') return nothing;
    throw error;
  }
}

/** Whether a source has a secret. One that can tell in no other way is read; that opens a secret, should it be a dynamic one. */
export async function holds(source: SecretSource, name: string, context: ReadContext): Promise<boolean> {
  if (source.exists) return orNothing(source.exists(name, context), false);
  const names = await namesOf(source, undefined, context);
  if (names) return names.includes(name);
  const found = (await orNothing(source.read([name], context), new Map<string, never>())).get(name);
  if (isSecretError(found) && found.code !== 'SECRET_NOT_FOUND') throw found;
  return found !== undefined && !isSecretError(found);
}

/** The names that a source can enumerate; undefined where it can't. */
export async function namesOf(
  source: SecretSource,
  prefix: string | undefined,
  context: ReadContext,
): Promise<readonly string[] | undefined> {
  if (source.list) return orNothing(source.list(prefix, context), []);
  if (!source.readAll) return undefined;
  const all = await orNothing(source.readAll(context), new Map<string, never>());
  return [...all.keys()].filter((name) => name.startsWith(prefix ?? ''));
}

/** Where a source says of a name that it is there, or may be, and what it is. */
export interface Contents {
  readonly values: Versions;
  /** Names of which this source has a secret that can't be shown unasked, or of which it can't tell. */
  readonly hidden: ReadonlySet<string>;
}

/**
 * What a source holds, as far as that opens no dynamic secret, with a word on `others`: names that sources after it gave.
 * A source that can neither renew nor revoke a lease, and enumerates nothing (the whole environment), is read by these names.
 */
export async function contentsOf(
  source: SecretSource,
  others: readonly string[],
  isDynamic: (name: string) => boolean,
  context: ReadContext,
): Promise<Contents> {
  if (source.readAll) {
    const values = await orNothing(source.readAll(context), new Map<string, never>());
    const asked = others.some((name) => !values.has(name));
    const listed = asked && source.list ? await orNothing(source.list(undefined, context), []) : [];
    return { values, hidden: new Set(listed.filter((name) => !values.has(name))) };
  }
  if (source.renew || source.revoke) {
    const held = await Promise.all(others.map(async (name) => !source.exists || holds(source, name, context)));
    return { values: new Map(), hidden: new Set(others.filter((_, index) => held[index])) };
  }
  const readable = others.filter((name) => !isDynamic(name));
  const found =
    readable.length > 0 ? await orNothing(source.read(readable, context), new Map<string, never>()) : new Map();
  const values = new Map<string, SecretVersion>();
  const hidden = new Set(others.filter(isDynamic));
  for (const [name, result] of found as Awaited<ReturnType<SecretSource['read']>>) {
    if (!isSecretError(result)) values.set(name, result);
    else if (result.code !== 'SECRET_NOT_FOUND') hidden.add(name);
  }
  return { values, hidden };
}
