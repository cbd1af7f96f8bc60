import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CacheHook } from '../cache/value-validation.js';
import type { Duration } from '../duration.js';
import { toMilliseconds } from '../duration.js';
import { SecretConfigurationError } from '../errors/index.js';
import { checkName } from '../secret/secret-name.js';
import type { SecretSource } from '../source/secret-source.js';
import { type OwnTimes, RefreshPolicies } from '../tracking/policy.js';

/** How a connection caches, refreshes and retries. Every option has a default that suits most apps. */
export interface ClientOptions {
  readonly cache?:
    | {
        /** How old a value may grow before it is read again. @default '25m', or HCP_REFRESH_TIMEOUT_MIN where the source is HCP Vault Secrets */
        readonly maxAge?: Duration | undefined;
        /** How long past `maxAge` a value may still be served while the source fails; never past the end of its lease. @default 'forever' */
        readonly maxStale?: Duration | undefined;
        /** Bounds secrets fetched on demand, least recently used first. @default 1024 */
        readonly maxEntries?: number | undefined;
        /** What the cache keeps, and what it hands on; called when a new value arrives. */
        readonly hook?: CacheHook | undefined;
      }
    | undefined;
  readonly refresh?:
    | {
        /** @default cache.maxAge */
        readonly every?: Duration | undefined;
        /** A cron expression in place of `every`; needs @nestjs/schedule. */
        readonly cron?: string | undefined;
        /** 0 to 1: a refresh is due at random in [1 − jitter, 1] · every. @default 0.5 */
        readonly jitter?: number | undefined;
        /** False: nothing is read by itself; readers of aged values still start a reading. @default true */
        readonly enabled?: boolean | undefined;
        /** Whether a source that tells of changes is listened to; a switch of its own. @default true */
        readonly watch?: boolean | undefined;
      }
    | undefined;
  /** Back-off per secret, with full jitter, never beyond the end of a lease. */
  readonly retry?:
    | {
        /** @default '1s' */
        readonly base?: Duration | undefined;
        /** @default 2 */
        readonly factor?: number | undefined;
        /** @default '1m' */
        readonly max?: Duration | undefined;
      }
    | undefined;
  /** Times of its own for a secret, in place of `cache.maxAge` (and how often it is read) and `cache.maxStale`. */
  readonly perSecret?:
    | Readonly<Record<string, { readonly maxAge?: Duration | undefined; readonly maxStale?: Duration | undefined }>>
    | undefined;
  /** One request to the source. @default '10s' */
  readonly timeout?: Duration | undefined;
  /** How long an unreachable source is retried at start. @default '30s' */
  readonly bootstrapTimeout?: Duration | undefined;
  /** What is read at start. @default 'decorated'; 'all' where `config` is set */
  readonly preload?: 'decorated' | 'all' | 'none' | undefined;
  /** Secrets that must be there at start, beside what is decorated. */
  readonly required?: readonly string[] | undefined;
  /** How long a replaced value stays in `ref.accepted`. @default 0 */
  readonly overlap?: Duration | undefined;
  /** A standard schema (zod, valibot, arktype…) per secret: its output is the value. */
  readonly schema?: Readonly<Record<string, StandardSchemaV1>> | undefined;
}

/** The same with every default in place; spans in milliseconds. */
export interface ResolvedClientOptions {
  readonly policies: RefreshPolicies;
  readonly watch: boolean;
  readonly cron: string | undefined;
  readonly maxEntries: number;
  readonly hook: CacheHook | undefined;
  readonly timeout: number;
  readonly bootstrapTimeout: number;
  readonly preload: 'decorated' | 'all' | 'none' | undefined;
  readonly required: readonly string[];
  readonly overlap: number;
  readonly schema: Readonly<Record<string, StandardSchemaV1>> | undefined;
}

const GROUPS = {
  cache: ['maxAge', 'maxStale', 'maxEntries', 'hook'],
  refresh: ['every', 'cron', 'jitter', 'enabled', 'watch'],
  retry: ['base', 'factor', 'max'],
};

/** Checks options and fills in defaults. Throws SecretConfigurationError for what can't be meant. */
export function resolveClientOptions(options: ClientOptions, source: SecretSource): ResolvedClientOptions {
  refuseUnknown(options);
  const { cache = {}, refresh = {}, retry = {} } = options;
  const maxAge = toMilliseconds(cache.maxAge ?? source.defaultMaxAge ?? '25m', 'cache.maxAge');
  if (refresh.cron !== undefined && refresh.every !== undefined) {
    throw new SecretConfigurationError(
      'Options "refresh.every" and "refresh.cron" exclude each other: give one of them.',
    );
  }
  const every = refresh.cron === undefined ? toMilliseconds(refresh.every ?? maxAge, 'refresh.every') : undefined;
  if (every === 0 && refresh.enabled !== false) {
    throw new SecretConfigurationError(
      'Option "refresh.every" is 0: give a time span, or `refresh: { enabled: false }`.',
    );
  }
  const common = {
    maxAge,
    maxStale: staleness(cache.maxStale ?? 'forever', 'cache.maxStale'),
    every,
    jitter: within(refresh.jitter ?? 0.5, 0, 1, 'refresh.jitter'),
    enabled: refresh.enabled ?? true,
    retry: {
      base: toMilliseconds(retry.base ?? '1s', 'retry.base'),
      factor: within(retry.factor ?? 2, 1, 1000, 'retry.factor'),
      max: toMilliseconds(retry.max ?? '1m', 'retry.max'),
    },
  };
  return {
    policies: new RefreshPolicies(common, ownTimes(options.perSecret)),
    watch: refresh.watch ?? true,
    cron: refresh.cron,
    maxEntries: within(cache.maxEntries ?? 1024, 1, Number.MAX_SAFE_INTEGER, 'cache.maxEntries'),
    hook: cache.hook,
    timeout: positive(toMilliseconds(options.timeout ?? '10s', 'timeout'), 'timeout'),
    bootstrapTimeout: toMilliseconds(options.bootstrapTimeout ?? '30s', 'bootstrapTimeout'),
    preload: oneOf(options.preload),
    required: names(options.required ?? []),
    overlap: toMilliseconds(options.overlap ?? 0, 'overlap'),
    schema: options.schema,
  };
}

function refuseUnknown(options: ClientOptions): void {
  for (const [group, known] of Object.entries(GROUPS)) {
    const given: unknown = options[group as keyof typeof GROUPS];
    if (given !== undefined) refuseUnknownKeys(group, given, known);
  }
}

function refuseUnknownKeys(group: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw new SecretConfigurationError(`Option "${group}" is an object with ${known.join(', ')}.`);
  }
  const odd = Object.keys(given).find((key) => !known.includes(key));
  if (odd) throw new SecretConfigurationError(`Unknown option "${group}.${odd}": there are ${known.join(', ')}.`);
}

const staleness = (given: Duration, option: string): number =>
  given === 'forever' ? Number.POSITIVE_INFINITY : toMilliseconds(given, option);

function ownTimes(perSecret: ClientOptions['perSecret']): Map<string, OwnTimes> {
  const given: unknown = perSecret;
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new SecretConfigurationError('Option "perSecret" is an object with secrets\' names as keys.');
  }
  return new Map(
    Object.entries(perSecret ?? {}).map(([name, times]) => {
      const option = `perSecret.${name}`;
      refuseUnknownKeys(option, times, ['maxAge', 'maxStale']);
      const { maxAge, maxStale } = times;
      return [
        name,
        {
          ...(maxAge !== undefined && {
            maxAge: positive(toMilliseconds(maxAge, `${option}.maxAge`), `${option}.maxAge`),
          }),
          ...(maxStale !== undefined && { maxStale: staleness(maxStale, `${option}.maxStale`) }),
        },
      ];
    }),
  );
}

function within(value: number, low: number, high: number, option: string): number {
  if (typeof value === 'number' && value >= low && value <= high) return value;
  throw new SecretConfigurationError(
    `Option "${option}" is a number ${high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`}.`,
  );
}

function positive(value: number, option: string): number {
  if (value > 0) return value;
  throw new SecretConfigurationError(`Option "${option}" is 0: give a time span.`);
}

function oneOf(preload: ClientOptions['preload']): ClientOptions['preload'] {
  if (preload === undefined || ['decorated', 'all', 'none'].includes(preload)) return preload;
  throw new SecretConfigurationError('Option "preload" is one of "decorated", "all", "none".');
}

function names(required: readonly string[]): readonly string[] {
  const list: unknown = required;
  if (Array.isArray(list) && list.every((name) => typeof name === 'string' && name !== '')) {
    for (const name of required) checkName(name);
    return required;
  }
  throw new SecretConfigurationError('Option "required" is a list of secrets’ names.');
}
