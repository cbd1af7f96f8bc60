import { displayed } from '../clock.js';
import type { SourceCallStatus } from '../observe/source-calls.js';
import type { SessionStatus } from '../refresh/secret-events.js';
import type { ChannelState } from '../refresh/watching.js';
import type { CacheStatus } from '../shared/tier-health.js';
import type { SecretState } from '../tracking/secret-state.js';
import { isStale } from '../tracking/staleness.js';
import type { SecretRuntime } from './secret-runtime.js';
import { nextReadingAt } from './status.js';

/** How many secrets stand how. Each is one of these, but that `failing` ones are one of the others too. */
export interface SecretCounts {
  readonly total: number;
  /** Served, and not `stale`. */
  readonly current: number;
  /** Served, and older than their max age, as the source can’t be reached. */
  readonly stale: number;
  /** Served no more: their lease, or the time for which they may be stale, is over. */
  readonly ended: number;
  /** The source has none of that name, and had none before. */
  readonly missing: number;
  /** Not read yet, or never well. */
  readonly unread: number;
  /** Whose last reading, or renewal, failed. */
  readonly failing: number;
}

/** How a connection stands: plain data, never a value. */
export interface ConnectionStatus {
  readonly connection: string;
  /** Its kind, and how it answers. */
  readonly source: { readonly kind: string } & SourceCallStatus;
  /** How the source stands with its backend, where it has a token of its own. */
  readonly session?: SessionStatus;
  /** Who tells of changes: the source by its `watch`, then those of `push`. */
  readonly channels: readonly ChannelState[];
  /** The shared caches, as they are asked. */
  readonly caches: readonly CacheStatus[];
  readonly secrets: SecretCounts;
  /** When the oldest value that is served was given by the source. */
  readonly oldestLoadedAt?: Date;
  readonly refresh: {
    /** Option `refresh.enabled`. */
    readonly enabled: boolean;
    readonly cron?: string;
    /** When the next secret is read, renewed or tried again; absent where none is planned. */
    readonly nextAt?: Date;
    /** Set while `client.pause()` or HCP_VAULT_REFRESH=off keeps secrets without a lease from being read. */
    readonly paused?: { readonly since: Date };
  };
}

export function connectionStatusOf(runtime: SecretRuntime): ConnectionStatus {
  const { connection, source, calls, events, channel, caches, control, options, clock, secrets } = runtime;
  const counts = { total: 0, current: 0, stale: 0, ended: 0, missing: 0, unread: 0, failing: 0 };
  let [oldest, next] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const now = clock.now();
  for (const state of secrets) {
    counts.total += 1;
    counts[standingOf(state, now)] += 1;
    if (state.anyFailure) counts.failing += 1;
    if (state.facts) oldest = Math.min(oldest, state.facts.arrival.wall);
    next = Math.min(next, nextReadingAt(state, now));
  }
  const [nextAt, pausedSince] = [displayed(next, clock), control.pausedSince];
  const { session } = events;
  return {
    connection,
    source: { kind: source.kind, ...calls.status },
    ...(session && { session }),
    channels: channel.states,
    caches: caches.statuses,
    secrets: counts,
    ...(Number.isFinite(oldest) && { oldestLoadedAt: new Date(oldest) }),
    refresh: {
      enabled: options.policies.common.enabled,
      ...(options.cron !== undefined && { cron: options.cron }),
      ...(nextAt && { nextAt }),
      ...(pausedSince && { paused: { since: pausedSince } }),
    },
  };
}

function standingOf(state: SecretState, now: number): Exclude<keyof SecretCounts, 'total' | 'failing'> {
  const { kind } = state.phase;
  if (kind === 'served') return isStale(state, now) ? 'stale' : 'current';
  return kind === 'ended' ? 'ended' : kind === 'absent' ? 'missing' : 'unread';
}
