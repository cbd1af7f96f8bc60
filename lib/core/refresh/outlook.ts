import type { Clock } from '../clock.js';
import { displayed } from '../clock.js';
import type { SecretState } from '../tracking/secret-state.js';

/** A time for a line of the log. */
export const timeText = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');

/** What becomes of secrets that have just failed: which of them keep a value, for how long, and when they are tried next. */
export function outlook(states: readonly SecretState[], clock: Clock): string {
  const next = displayed(Math.min(...states.map(({ nextAttemptAt }) => nextAttemptAt)), clock);
  return [keeping(states, clock), next && `The next try is at ${timeText(next)}.`].filter(Boolean).join(' ');
}

function keeping(states: readonly SecretState[], clock: Clock): string {
  const served = states.filter((state) => state.canServe(clock.now()));
  if (served.length === 0)
    return states.length === 1 ? 'There is no value to use.' : 'None of them has a value to use.';
  const end = displayed(Math.min(...served.map(({ endsAt }) => endsAt)), clock);
  const until = end ? ` until ${timeText(end)}` : '';
  if (states.length === 1) return `The last value stays in use${until}.`;
  const which =
    served.length === states.length ? 'Their last values stay' : `${served.length} of them have a value, which stays`;
  return `${which} in use${until && `, the first${until}`}.`;
}
