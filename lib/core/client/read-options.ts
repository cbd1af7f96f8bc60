import { SecretConfigurationError } from '../errors/index.js';
import type { Duration } from '../duration.js';
import type { OptionKinds } from '../options/option-kinds.js';
import { ownOptions } from '../options/own-options.js';

export interface ReadOptions<F = string> {
  /** A dotted path into the secret. */
  readonly field?: F | undefined;
  /** A version or stage other than the current one, in the source’s own words. */
  readonly version?: string | undefined;
}

export interface FetchOptions<F = string> extends ReadOptions<F> {
  /** Reads the source even where the cache has a fresh value; passes the back-off. */
  readonly forceRefresh?: boolean | undefined;
  /**
   * How old the value may be: one that is as old is read again first, and where that fails, the call rejects. The lease of a dynamic secret vouches for
   * its value: nothing is opened ahead of it. @default what the cache has, brought up to date behind
   */
  readonly maxAge?: Duration | undefined;
}

export interface PathOptions {
  /** False leaves out what lies in folders below the path. @default true */
  readonly recursive?: boolean | undefined;
  /** True rejects where one of them can't be read; else that one is left out, or keeps its last value, and log and status() tell. @default false */
  readonly failOnError?: boolean | undefined;
}

export interface RefOptions<F = string> extends ReadOptions<F> {
  /** Gives undefined in place of SecretNotFoundError. */
  readonly optional?: boolean | undefined;
  /** How long replaced values stay in `accepted`. @default the module’s `overlap` */
  readonly overlap?: Duration | undefined;
}

export interface UpdateOptions {
  /** The version that must be the current one for the write to be taken, as `status()` shows it; 0: there must be none yet. Only for sources with check-and-set, such as Vault's KV version 2. */
  readonly cas?: string | number | undefined;
}

export interface WithSecretOptions<F = string> {
  /** A dotted path: the work gets that part. */
  readonly field?: F | undefined;
  /** Names the errors by which the other side refuses the credentials. Such work is repeated whole, so it must be safe up to the refusal. */
  readonly rejects?: ((error: unknown) => boolean) | undefined;
  /** How long refused work is tried again. @default '30s' */
  readonly retryFor?: Duration | undefined;
}

export const READ_OPTIONS: OptionKinds<ReadOptions> = { field: 'text', version: 'text' };

export const FETCH_OPTIONS: OptionKinds<FetchOptions> = {
  ...READ_OPTIONS,
  forceRefresh: 'boolean',
  maxAge: 'duration',
};

export const PATH_OPTIONS: OptionKinds<PathOptions> = { recursive: 'boolean', failOnError: 'boolean' };

export const REF_OPTIONS: OptionKinds<RefOptions> = { ...READ_OPTIONS, optional: 'boolean', overlap: 'duration' };

export const UPDATE_OPTIONS: OptionKinds<UpdateOptions> = { cas: 'any' };

export const WITH_SECRET_OPTIONS: OptionKinds<WithSecretOptions> = {
  field: 'text',
  rejects: 'function',
  retryFor: 'duration',
};

const NO_OPTIONS: ReadOptions = { field: undefined, version: undefined };

/** Those of `client.get`, which is called with each request: what can only be right is taken at once, and all else is looked at as everywhere. */
export function optionsOfGet(given: ReadOptions | undefined): ReadOptions {
  if (given === undefined) return NO_OPTIONS;
  let [field, version]: (string | undefined)[] = [];
  for (const name of Object.keys(given ?? {})) {
    if (name === 'field' && typeof given.field === 'string') field = given.field;
    else if (name === 'version' && typeof given.version === 'string') version = given.version;
    else return ownOptions(given, READ_OPTIONS, 'client.get');
  }
  const isSure = field !== undefined || version !== undefined;
  return isSure ? { field, version } : ownOptions(given, READ_OPTIONS, 'client.get');
}

/** Throws SecretConfigurationError for what is not a version. */
export function versionOf(cas: unknown): string | undefined {
  if (cas === undefined || (typeof cas === 'string' && cas !== '')) return cas;
  if (typeof cas === 'number' && Number.isSafeInteger(cas) && cas >= 0) return String(cas);
  throw new SecretConfigurationError(
    'option "cas" of client.update is a version, as `status()` shows it, or 0 where there must be none yet.',
  );
}
