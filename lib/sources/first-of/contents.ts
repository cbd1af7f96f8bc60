import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';

export type Results = ReadonlyMap<string, SecretVersion | SecretError>;

const NOTHING: Results = new Map();

export const isNotFound = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_NOT_FOUND';

/**
 * "Not found" said of a call as a whole (no such document, an ingress's 404) is not an answer about a single secret, and
 * fails like any other error; but of a
 * source that may be absent it says that there is nothing.
 */
export async function orNothing<T>(source: SecretSource, work: Promise<T>, nothing: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (source.optional === true && isNotFound(error)) return nothing;
    if (isSecretError(error)) throw error.located({ sourceKind: source.kind });
    throw error;
  }
}

/**
 * Whether a source has a secret. One that can tell in no other way is read; that opens a secret, should it be a dynamic
 * one.
 */
export async function holds(source: SecretSource, name: string, context: ReadContext): Promise<boolean> {
  if (source.exists) return orNothing(source, source.exists(name, context), false);
  const names = await listed(source, undefined, context);
  if (names) return names.includes(name);
  const found = (await orNothing(source, source.read([name], context), NOTHING)).get(name);
  if (isSecretError(found) && !isNotFound(found)) throw found;
  return found !== undefined && !isSecretError(found);
}

/** The same, where a name that the source refuses is left to be refused by `read`. */
async function mayHold(source: SecretSource, name: string, context: ReadContext): Promise<boolean> {
  try {
    return await holds(source, name, context);
  } catch (error) {
    if (isSecretError(error) && error.code === 'SECRET_CONFIGURATION') return true;
    throw error;
  }
}

/** The names that a source can enumerate; undefined where it can't. */
export async function listed(
  source: SecretSource,
  prefix: string | undefined,
  context: ReadContext,
): Promise<readonly string[] | undefined> {
  if (source.list) return orNothing(source, source.list(prefix, context), []);
  if (!source.readAll) return undefined;
  const all = await orNothing(source, source.readAll(context), NOTHING);
  return [...all.keys()].filter((name) => name.startsWith(prefix ?? ''));
}

/** Where a source says of a name that it is there, or may be, and what it is. */
export interface Contents {
  /** An error concerns only its name: it stands in for the value. */
  readonly values: Results;
  /** Names of which this source has a secret that can't be shown unasked, or of which it can't tell. */
  readonly hidden: ReadonlySet<string>;
}

/**
 * What a source holds, as far as that opens no dynamic secret, with a word on `others`: names that sources after it
 * gave.
 * A source that can neither renew nor revoke a lease, and enumerates nothing (the whole environment), is read by these
 * names.
 */
export async function contentsOf(
  source: SecretSource,
  others: readonly string[],
  isDynamic: (name: string) => boolean,
  context: ReadContext,
): Promise<Contents> {
  if (source.readAll) {
    const values = present(await orNothing(source, source.readAll(context), NOTHING));
    const asked = others.some((name) => !values.has(name));
    const names = asked && source.list ? await orNothing(source, source.list(undefined, context), []) : [];
    return { values, hidden: new Set(names.filter((name) => !values.has(name))) };
  }
  if (source.renew || source.revoke) {
    const held = await Promise.all(others.map(async (name) => !source.exists || mayHold(source, name, context)));
    return { values: NOTHING, hidden: new Set(others.filter((_, index) => held[index])) };
  }
  const readable = others.filter((name) => !isDynamic(name));
  const found = readable.length > 0 ? await orNothing(source, source.read(readable, context), NOTHING) : NOTHING;
  return { values: present(found), hidden: new Set(others.filter(isDynamic)) };
}

/** Without the names that the source says it has not. */
export const present = (results: Results): Results => new Map([...results].filter(([, result]) => !isNotFound(result)));
