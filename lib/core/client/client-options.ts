import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CacheHook } from '../cache/value-validation.js';
import type { Duration } from '../duration.js';
import type { Telemetry } from '../observe/telemetry.js';
import type { OptionKinds } from '../options/option-kinds.js';
import { group } from '../options/option-kinds.js';
import type { SharedCache } from '../shared/shared-cache.js';
import type { PushChannel } from '../source/push-channel.js';

/** Those whose meaning is an app's own. */
const REFRESH_SIGNALS = ['SIGHUP', 'SIGUSR2'] as const;

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
        /**
         * How long "not found" is remembered, so that `fetch` of a missing name costs no request each time; doubles with each reading that finds nothing
         * again, to a minute. 0 remembers nothing. `update`, an announcement, `refresh` and forced reads pass it. @default '5s'
         */
        readonly maxMissing?: Duration | undefined;
        /** What the cache keeps, and what it hands on; called when a new value arrives. */
        readonly hook?: CacheHook | undefined;
      }
    | undefined;
  readonly refresh?:
    | {
        /** @default cache.maxAge; 6 hours while all channels of `push` are live */
        readonly every?: Duration | undefined;
        /** A cron expression in place of `every`; needs @nestjs/schedule. */
        readonly cron?: string | undefined;
        /** 0 to 1: a refresh is due at random in [1 − jitter, 1] · every. @default 0.5 */
        readonly jitter?: number | undefined;
        /** False: nothing is read by itself; readers of aged values still start a reading. @default true */
        readonly enabled?: boolean | undefined;
        /** Whether a source that tells of changes is listened to; a switch of its own, and none of `push`. @default true */
        readonly watch?: boolean | undefined;
        /** A signal at which all is read as by `client.refresh()`, also while refreshing is paused: others end the process, or are Node's own. */
        readonly onSignal?: (typeof REFRESH_SIGNALS)[number] | undefined;
      }
    | undefined;
  /**
   * Who announces changes, whatever the source: `sqsEvents({ … })`, one's own. While all of them are live, `refresh.every` is 6 hours where it isn't
   * given, and a `cache.maxAge` that isn't given follows it; both fall back at once when one is lost.
   */
  readonly push?: PushChannel | readonly PushChannel[] | undefined;
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
  /**
   * At least 32 bytes (of text: in UTF-8) that replicas share: versions of sources without versions (files, environment, fields of an AWS document)
   * are an HMAC of name and value under it, and so comparable. Without it they are made under a random key of the process.
   */
  readonly fingerprintKey?: Uint8Array | string | undefined;
  /**
   * Tiers between memory and source, encrypted: `diskCache`, `redisCache`. What is young enough in one of them is used without asking the source, and what
   * is old is good enough to start with where the source is away.
   */
  readonly sharedCache?: SharedCache | readonly SharedCache[] | undefined;
  /** Who measures this connection: `openTelemetry()` of `nestjs-hcp-vault/opentelemetry`. */
  readonly telemetry?: Telemetry | undefined;
  /** Tells `client.audit$` which consumer was given which secret in which version; while it is off, nothing is kept for it. @default false */
  readonly audit?: boolean | undefined;
  /** A standard schema (zod, valibot, arktype…) per secret: its output is the value. */
  readonly schema?: Readonly<Record<string, StandardSchemaV1>> | undefined;
}

type GroupOf<K extends keyof ClientOptions> = NonNullable<ClientOptions[K]>;

export const CLIENT_OPTIONS: OptionKinds<ClientOptions> = {
  cache: group<GroupOf<'cache'>>({
    maxAge: 'duration',
    maxStale: 'duration or forever',
    maxEntries: 'number',
    maxMissing: 'duration',
    hook: 'any',
  }),
  refresh: group<GroupOf<'refresh'>>({
    every: 'duration',
    cron: 'text',
    jitter: 'number',
    enabled: 'boolean',
    watch: 'boolean',
    onSignal: REFRESH_SIGNALS,
  }),
  retry: group<GroupOf<'retry'>>({ base: 'duration', factor: 'number', max: 'duration' }),
  perSecret: 'any',
  push: 'any',
  timeout: 'duration',
  bootstrapTimeout: 'duration',
  preload: ['decorated', 'all', 'none'],
  required: 'texts',
  overlap: 'duration',
  fingerprintKey: 'any',
  sharedCache: 'any',
  telemetry: 'any',
  audit: 'boolean',
  schema: 'any',
};

/** Times of a secret's own, in `perSecret`. */
export const OWN_TIMES: OptionKinds<GroupOf<'perSecret'>[string]> = {
  maxAge: 'duration',
  maxStale: 'duration or forever',
};

/** A hook that is an object literal; one that is of a class has what it needs besides. */
export const CACHE_HOOK: OptionKinds<CacheHook> = { put: 'function', get: 'function' };
