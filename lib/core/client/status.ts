import { displayed } from '../clock.js';
import type { SecretErrorCode } from '../errors/index.js';
import type { SecretEvent, SessionStatus } from '../refresh/secret-events.js';
import type { ChannelStatus } from '../refresh/watching.js';
import type { VersionKind } from '../secret/secret-version.js';
import { placesOf } from '../source/places.js';
import type { SecretPlace } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import { isStale } from '../tracking/staleness.js';
import type { Consumers } from './consumers.js';
import type { SecretConsumer } from './requirement.js';
import type { SecretRuntime } from './secret-runtime.js';

/** What an operator may know of a secret: never a value. */
export interface SecretStatus {
  readonly name: string;
  readonly connection: string;
  /** The source’s kind. */
  readonly source: string;
  /** Where the source looks for it, one place after the other, and what it asks there; absent of a source that can’t say. */
  readonly places?: readonly SecretPlace[];
  /** The version or stage that was asked for, where it is not the current one. */
  readonly requestedVersion?: string;
  readonly version?: string;
  /** Who calls the version so: the source, a fingerprint under the `fingerprintKey` that replicas share, or one under a key of only this process. */
  readonly versionKind?: VersionKind;
  /** When the source gave it, whoever asked. */
  readonly loadedAt?: Date;
  /** Where this process has it from: a shared cache, or the source itself. */
  readonly from: 'source' | 'disk' | 'redis';
  /** Undefined where nothing but a call or a cron tick reads it, while it is `paused`, and while the one that was due is under way (see `attempt`). */
  readonly nextRefreshAt?: Date;
  /** Set while it is not read by itself, as `client.pause()` or HCP_VAULT_REFRESH=off says. Dynamic secrets go on. */
  readonly paused?: { readonly since: Date };
  /** Older than its max age, as the source can’t be reached. */
  readonly stale: boolean;
  readonly lease?: {
    readonly id?: string;
    /** Milliseconds that the source granted last. */
    readonly durationMs: number;
    readonly renewable: boolean;
    readonly expiresAt: Date;
  };
  /** A reading or a renewal that is under way, and since when. */
  readonly attempt?: { readonly kind: 'reading' | 'renewal'; readonly since: Date };
  /** Whether somebody tells of its changes: `lost` while the channel that does is deaf. Dynamic secrets have none. */
  readonly channel: ChannelStatus;
  /** The last reading failed, or the last renewal: why. */
  readonly lastError?: { readonly code: SecretErrorCode; readonly message: string };
  /** Who is given it, in this app: each place once, however many instances there are. */
  readonly consumers: readonly SecretConsumer[];
  /** What became of it of late, oldest first; of the same several times in a row, the last. */
  readonly events: readonly SecretEvent[];
  /** How the source stands with its backend, where it has a token of its own. */
  readonly session?: SessionStatus;
}

/** When it is read, renewed or tried next, on the monotonic clock: one that has begun is not the next one any more. Infinity for never. */
export function nextReadingAt({ attempt, nextAttemptAt }: SecretState, now: number): number {
  return attempt !== undefined && nextAttemptAt <= now ? Number.POSITIVE_INFINITY : nextAttemptAt;
}

type ConsumersOf = ReturnType<Consumers['look']>;

/** The status of one secret, as it stands now. */
export function statusOf(
  state: SecretState,
  runtime: SecretRuntime,
  consumersOf: ConsumersOf = runtime.consumers.look(),
): SecretStatus {
  const { connection, source, clock, events } = runtime;
  const { live, phase, anyFailure: failure, requested, attempt } = state;
  const { session } = events;
  const loaded = phase.kind === 'served' || phase.kind === 'ended' ? phase.facts : undefined;
  const named = phase.kind === 'served' ? phase.facts.given : phase.kind === 'ended' ? phase.facts : undefined;
  const lease = loaded?.lease;
  const nextRefreshAt = displayed(nextReadingAt(state, clock.now()), clock);
  const pausedSince = state.isPaused ? runtime.control.pausedSince : undefined;
  const leaseEndsAt = lease && displayed(loaded.arrival.at + lease.duration, clock);
  const since = attempt && displayed(attempt.since, clock);
  return {
    name: live.name,
    connection,
    source: source.kind,
    ...(source.describe && { places: placesOf(source, live.name) }),
    ...(requested !== undefined && { requestedVersion: requested }),
    ...(loaded && { loadedAt: new Date(loaded.arrival.wall) }),
    from: named?.origin?.from ?? 'source',
    ...(named && { version: named.version, versionKind: named.versionKind }),
    ...(nextRefreshAt && { nextRefreshAt }),
    ...(pausedSince && { paused: { since: pausedSince } }),
    stale: isStale(state, clock.now()),
    ...(lease &&
      leaseEndsAt && {
        lease: {
          ...(lease.id !== undefined && { id: lease.id }),
          durationMs: lease.duration,
          renewable: lease.renewable,
          expiresAt: leaseEndsAt,
        },
      }),
    ...(attempt && since && { attempt: { kind: attempt.kind, since } }),
    channel: state.isDynamic ? 'none' : runtime.channel.statusOf(state.name),
    ...(failure && { lastError: { code: failure.error.code, message: failure.error.message } }),
    consumers: consumersOf(state),
    events: events.recent(state),
    ...(session && { session }),
  };
}
