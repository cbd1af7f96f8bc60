import { backoffDelay } from '../../../core/backoff.js';
import { dueAfter, isGrantedInFull } from '../../../core/lease-timing.js';
import type { SessionLife } from './vault.session.js';

/** Milliseconds. A given token that can't be extended is looked at again, no oftener than this. */
const LEAST = 1_000;
/** Of trying again: the delays lie between a quarter of a second and half a minute. */
const BACKOFF = { base: 1_000, factor: 2, max: 30_000, least: 250 };

/** Milliseconds until a token is renewed or replaced. `random` is a number in [0, 1). */
export function renewalDelay(left: number, { ttl }: Pick<SessionLife, 'ttl'>, random: number): number {
  const delay = dueAfter(left, random);
  // A short rest of a long life is not a new life: what is looked at again must not come nearer and nearer to its end.
  const isRest = ttl !== undefined && !isGrantedInFull(left, ttl);
  return isRest ? Math.max(LEAST, delay) : delay;
}

/** Milliseconds until the next try after the nth failure in a row; not past the end of a token that still lives. */
export function retryDelay(failures: number, left: number, random: number): number {
  const delay = backoffDelay(failures, BACKOFF, random);
  return left > 0 ? Math.min(delay, Math.max(left, BACKOFF.least)) : delay;
}
