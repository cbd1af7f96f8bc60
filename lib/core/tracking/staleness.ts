import type { SecretState } from './secret-state.js';

/** Older than its max age, as the source can't be reached. @param now on the monotonic clock. */
export function isStale({ phase, anyFailure, policy }: SecretState, now: number): boolean {
  if (!anyFailure || (phase.kind !== 'served' && phase.kind !== 'ended')) return false;
  const { arrival, lease } = phase.facts;
  return now - arrival.at > (lease ? lease.duration : policy.maxAge);
}
