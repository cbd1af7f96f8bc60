import { createSecretKey, type KeyObject } from 'node:crypto';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkedSchemas } from '../cache/checked-schemas.js';
import type { CacheHook } from '../cache/value-validation.js';
import type { Duration } from '../duration.js';
import { toMilliseconds } from '../duration.js';
import { SecretConfigurationError } from '../errors/index.js';
import type { Telemetry } from '../observe/telemetry.js';
import { ownEntries } from '../options/own-entries.js';
import { checkName } from '../secret/secret-name.js';
import { isBytes } from '../secret/secret-value.js';
import { isPlain, NOTHING, ownOptions } from '../options/own-options.js';
import type { SharedCache } from '../shared/shared-cache.js';
import type { PushChannel } from '../source/push-channel.js';
import type { SecretSource } from '../source/secret-source.js';
import { type EasedTimes, type OwnTimes, RefreshPolicies, type RefreshPolicy } from '../tracking/policy.js';
import type { ClientOptions } from './client-options.js';
import { pushChannels } from './push-channels.js';
import { CACHE_HOOK, CLIENT_OPTIONS, OWN_TIMES } from './client-options.js';

/** Milliseconds. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How often secrets are read that somebody announces changes of. */
const EASED = 6 * 60 * MINUTE;

/** The same with every default in place; spans in milliseconds. */
export interface ResolvedClientOptions {
  readonly policies: RefreshPolicies;
  readonly watch: boolean;
  readonly push: readonly PushChannel[];
  readonly cron: string | undefined;
  readonly onSignal: 'SIGHUP' | 'SIGUSR2' | undefined;
  readonly maxEntries: number;
  /** Milliseconds. */
  readonly maxMissing: number;
  readonly hook: CacheHook | undefined;
  readonly timeout: number;
  readonly bootstrapTimeout: number;
  readonly preload: 'decorated' | 'all' | 'none' | undefined;
  readonly required: readonly string[];
  readonly overlap: number;
  readonly fingerprintKey: KeyObject | undefined;
  readonly sharedCaches: readonly SharedCache[];
  readonly telemetry: Telemetry | undefined;
  readonly audit: boolean;
  readonly schema: Readonly<Record<string, StandardSchemaV1>> | undefined;
}

/**
 * Checks options and fills in defaults. Throws SecretConfigurationError for what can't be meant.
 * @param warn told of what is probably not meant.
 * @param taker the function that the options were given to.
 */
export function resolveClientOptions(
  given: ClientOptions,
  source: Pick<SecretSource, 'defaultMaxAge'>,
  warn: (message: string) => void,
  taker = 'HcpVaultModule',
): ResolvedClientOptions {
  const options = ownOptions(given, CLIENT_OPTIONS, taker, { warn });
  const { cache = NOTHING, refresh = NOTHING, retry = NOTHING }: ClientOptions = options;
  const maxAge = toMilliseconds(cache.maxAge ?? source.defaultMaxAge ?? 25 * MINUTE, 'cache.maxAge');
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
      base: positive(toMilliseconds(retry.base ?? SECOND, 'retry.base'), 'retry.base'),
      factor: within(retry.factor ?? 2, 1, 1000, 'retry.factor'),
      max: positive(toMilliseconds(retry.max ?? MINUTE, 'retry.max'), 'retry.max'),
    },
  };
  if (common.retry.base > common.retry.max) {
    throw new SecretConfigurationError(
      'Option "retry.base" is more than "retry.max" (1 minute where it is not given).',
    );
  }
  return {
    policies: new RefreshPolicies(common, ownTimes(options.perSecret, taker, warn), easedTimes(common, options)),
    watch: refresh.watch ?? true,
    push: pushChannels(options.push, taker),
    cron: refresh.cron,
    onSignal: refresh.onSignal,
    maxEntries: within(cache.maxEntries ?? 1024, 1, Number.MAX_SAFE_INTEGER, 'cache.maxEntries'),
    maxMissing: toMilliseconds(cache.maxMissing ?? 5 * SECOND, 'cache.maxMissing'),
    hook: hookOf(cache.hook, taker),
    timeout: positive(toMilliseconds(options.timeout ?? 10 * SECOND, 'timeout'), 'timeout'),
    bootstrapTimeout: toMilliseconds(options.bootstrapTimeout ?? 30 * SECOND, 'bootstrapTimeout'),
    preload: options.preload,
    required: names(options.required ?? []),
    overlap: toMilliseconds(options.overlap ?? 0, 'overlap'),
    fingerprintKey: sharedKey(options.fingerprintKey, taker),
    sharedCaches: caches(options.sharedCache, taker),
    telemetry: checkedTelemetry(options.telemetry, taker),
    audit: options.audit ?? false,
    schema: checkedSchemas(options.schema, taker),
  };
}

/** While channels announce changes: what the app has not given gives way, and never the other way round. */
function easedTimes({ every, maxAge }: RefreshPolicy, { cache, refresh }: ClientOptions): EasedTimes {
  const isFree = every !== undefined && refresh?.every === undefined;
  const eased = isFree ? Math.max(every, EASED) : every;
  return { every: eased, maxAge: cache?.maxAge === undefined ? Math.max(maxAge, eased ?? maxAge) : maxAge };
}

const staleness = (given: Duration, option: string): number =>
  given === 'forever' ? Number.POSITIVE_INFINITY : toMilliseconds(given, option);

function ownTimes(
  perSecret: ClientOptions['perSecret'],
  taker: string,
  warn: (message: string) => void,
): Map<string, OwnTimes> {
  const entries = ownEntries(perSecret, `Option "perSecret" of ${taker}`);
  return new Map(
    entries.map(([name, times]) => {
      const option = `perSecret.${name}`;
      if (times === undefined) throw new SecretConfigurationError(`Option "${option}" of ${taker} says nothing.`);
      const { maxAge, maxStale } = ownOptions(times, OWN_TIMES, taker, { within: option, warn });
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

/** Its two functions; a class may have more of its own. */
function hookOf(given: CacheHook | undefined, taker: string): CacheHook | undefined {
  if (given === undefined) return undefined;
  const isOfClass = typeof given === 'object' && given !== null && !isPlain(given);
  const hook = isOfClass ? given : ownOptions(given, CACHE_HOOK, taker, { within: 'cache.hook' });
  if (typeof hook.put === 'function' || typeof hook.get === 'function') return hook;
  const reason = `Option "cache.hook" of ${taker} is an object with a function \`put\` or \`get\`.`;
  throw new SecretConfigurationError(reason);
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

/** A KeyObject shows nothing of the key to who prints it. */
function sharedKey(given: unknown, taker: string): KeyObject | undefined {
  if (given === undefined) return undefined;
  const bytes = typeof given === 'string' ? Buffer.from(given) : isBytes(given) ? given : undefined;
  if (bytes && bytes.byteLength >= 32) return createSecretKey(bytes);
  throw new SecretConfigurationError(
    `Option "fingerprintKey" of ${taker} is a text or a Uint8Array of at least 32 bytes, e.g. of \`openssl rand -base64 32\`.`,
  );
}

function caches(given: unknown, taker: string): readonly SharedCache[] {
  if (given === undefined) return [];
  const all = (Array.isArray(given) ? given : [given]) as readonly Partial<SharedCache>[];
  if (all.every((one) => typeof one?.kind === 'string' && typeof one.open === 'function')) return all as SharedCache[];
  throw new SecretConfigurationError(
    `Option "sharedCache" of ${taker} is a shared cache, or a list of some, as in \`diskCache({ dir, key })\`.`,
  );
}

function checkedTelemetry(given: unknown, taker: string): Telemetry | undefined {
  if (given === undefined) return undefined;
  const { kind, measure } = (given ?? {}) as Partial<Telemetry>;
  if (typeof kind === 'string' && typeof measure === 'function') return given as Telemetry;
  throw new SecretConfigurationError(`Option "telemetry" of ${taker} is what \`openTelemetry()\` gives.`);
}

function names(required: readonly string[]): readonly string[] {
  for (const name of required) if (name !== '') checkName(name);
  if (!required.includes('')) return required;
  throw new SecretConfigurationError('Option "required" is a list of secrets\' names, none of them empty.');
}
