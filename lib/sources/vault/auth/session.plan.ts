import type { SessionLife } from './vault.session.js';

/** The share of a token's life after which it is renewed, and how much chance adds: as for leases. */
const SHARE = 0.67;
const JITTER = 0.1;
/** Less than this share of a life is a rest. */
const WHOLE = 0.9;
/** Milliseconds. A given token that can't be extended is looked at again, no oftener than this. */
const LEAST = 1_000;
const BASE = 500;
const MOST = 30_000;

/** Milliseconds until a token is renewed or replaced. `chance` is a number in [0, 1). */
export function renewalDelay(left: number, { ttl }: SessionLife, chance: number): number {
  const delay = left * (SHARE + JITTER * chance);
  // A short rest of a long life is no new life: what is looked at anew must not come nearer and nearer to its end.
  const isRest = ttl !== undefined && left < ttl * WHOLE;
  return isRest ? Math.max(LEAST, delay) : delay;
}

/** Milliseconds until the next try after the nth failure in a row; not past the end of a token that still lives. */
export function retryDelay(failures: number, left: number, chance: number): number {
  const longest = Math.min(MOST, BASE * 2 ** Math.min(failures, 30));
  const delay = BASE / 2 + (longest - BASE / 2) * chance;
  return left > 0 ? Math.min(delay, Math.max(left, BASE / 2)) : delay;
}
