import { displayed } from '../clock.js';
import type { SecretErrorCode } from '../errors/index.js';
import type { SecretEvent, SessionStatus } from '../refresh/secret-events.js';
import type { TrackedSecret } from '../refresh/tracked-secret.js';
import type { SecretRuntime } from './secret-runtime.js';

/** What an operator may know of a secret: never a value. */
export interface SecretStatus {
  readonly name: string;
  readonly connection: string;
  /** The source’s kind. */
  readonly source: string;
  /** The version or stage that was asked for, where it is not the current one. */
  readonly requestedVersion?: string;
  readonly version?: string;
  readonly loadedAt?: Date;
  /** Undefined where nothing but a call or a cron tick reads it. */
  readonly nextRefreshAt?: Date;
  /** Older than its max age, as the source can’t be reached. */
  readonly stale: boolean;
  readonly lease?: {
    readonly id?: string;
    readonly duration: number;
    readonly renewable: boolean;
    readonly expiresAt: Date;
  };
  /** The last reading failed: why. */
  readonly lastError?: { readonly code: SecretErrorCode; readonly message: string };
  /** What became of it of late, oldest first; of the same several times in a row, the last. */
  readonly events: readonly SecretEvent[];
  /** How the source stands with its backend, where it has a token of its own. */
  readonly session?: SessionStatus;
}

/** The status of one secret, as it stands now. */
export function statusOf({ entry, live }: TrackedSecret, runtime: SecretRuntime): SecretStatus {
  const { connection, source, clock, options, events } = runtime;
  const { loaded, failure, requested } = entry;
  const { session } = events;
  const now = clock.now();
  const lease = loaded?.lease;
  const nextRefreshAt = displayed(entry.nextReadingAt(), clock);
  const leaseEndsAt = lease && displayed(loaded.loadedAt + lease.duration, clock);
  const maxAge = lease ? lease.duration : options.policy.maxAge;
  return {
    name: live.name,
    connection,
    source: source.kind,
    ...(requested !== undefined && { requestedVersion: requested }),
    ...(loaded && { version: loaded.version, loadedAt: new Date(loaded.loadedAtWall) }),
    ...(nextRefreshAt && { nextRefreshAt }),
    stale: loaded !== undefined && failure !== undefined && now - loaded.loadedAt > maxAge,
    ...(lease &&
      leaseEndsAt && {
        lease: {
          ...(lease.id !== undefined && { id: lease.id }),
          duration: lease.duration,
          renewable: lease.renewable,
          expiresAt: leaseEndsAt,
        },
      }),
    ...(failure && { lastError: { code: failure.error.code, message: failure.error.message } }),
    events: events.recent(entry),
    ...(session && { session }),
  };
}
