import type { SessionStatus } from '../refresh/secret-events.js';
import type { ChannelStatus } from '../refresh/watching.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import type { SecretState } from '../tracking/secret-state.js';
import { isStale } from '../tracking/staleness.js';
import type { SourceCallStatus } from './source-calls.js';

/** How a secret stands. `ended`: it had a value, which may not be served any more. `absent`: the source has none. */
export type SecretStanding = 'current' | 'stale' | 'ended' | 'absent' | 'unloaded';

/** One secret, in numbers. */
export interface MeasuredSecret {
  readonly name: string;
  /** The version or stage that was asked for, where it is not the current one. */
  readonly requestedVersion?: string;
  readonly standing: SecretStanding;
  /** Milliseconds since the source gave the value in use, or vouched for it. */
  readonly age?: number;
  /** Milliseconds to the end of its lease, below 0 never. */
  readonly leaseRemaining?: number;
}

/** How a connection stands, in numbers; what there is none of is undefined. */
export interface MeasuredState {
  readonly secrets: Iterable<MeasuredSecret>;
  readonly calls: SourceCallStatus;
  readonly session: SessionStatus | undefined;
  readonly channel: ChannelStatus;
  /** By `client.pause()`. */
  readonly isPaused: boolean;
  readonly resources: readonly ResourceStatus[];
  /** Kinds of its shared caches. */
  readonly caches: readonly string[];
}

/** Looks at secrets one by one, as whoever collects goes over them. @param now on the monotonic clock. */
export function* measuredSecrets(secrets: Iterable<SecretState>, now: number): Iterable<MeasuredSecret> {
  for (const state of secrets) yield measured(state, now);
}

function measured(state: SecretState, now: number): MeasuredSecret {
  const { name, requested, phase } = state;
  const secret = { name, ...(requested !== undefined && { requestedVersion: requested }) };
  if (phase.kind !== 'served') return { ...secret, standing: phase.kind };
  const { arrival, lease } = phase.facts;
  const age = Math.max(0, now - arrival.at);
  return {
    ...secret,
    standing: isStale(state, now) ? 'stale' : 'current',
    age,
    ...(lease && { leaseRemaining: Math.max(0, arrival.at + lease.duration - now) }),
  };
}
