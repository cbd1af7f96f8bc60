import type { SecretState } from '../tracking/secret-state.js';
import { isStale } from '../tracking/staleness.js';

/**
 * Where a secret stands, for people. `current`: nothing is wrong. `failing`: it could not be read last, and is within its age. `stale`: the same, and older
 * than its max age. `ended`: its value may not be served any more. `missing`: the source has none. `unread`: not read yet.
 */
export type SecretStanding = 'current' | 'failing' | 'stale' | 'ended' | 'missing' | 'unread';

export const STANDINGS: readonly SecretStanding[] = ['ended', 'missing', 'stale', 'failing', 'unread', 'current'];

export function standingOf(state: SecretState, now: number): SecretStanding {
  const { phase, anyFailure: failure, facts } = state;
  if (phase.kind === 'ended') return 'ended';
  if (phase.kind === 'absent') return 'missing';
  // What was asked for and never came has no last value that could serve.
  if (!facts) return 'unread';
  if (!failure) return 'current';
  return isStale(state, now) ? 'stale' : 'failing';
}
