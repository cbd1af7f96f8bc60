/** Delays that grow with each failure in a row, up to a bound. Spans in milliseconds. */
export interface BackoffPolicy {
  /** The first delay at most. */
  readonly base: number;
  readonly factor: number;
  /** The longest delay. */
  readonly max: number;
  /** With jitter, no delay is shorter. @default 0 */
  readonly least?: number | undefined;
}

/**
 * Milliseconds to wait after the nth failure in a row (n from 1). `random`, a number in [0, 1), draws between `least` and the capped delay ("full
 * jitter", so that a fleet does not come back in step); without it the capped delay is given as it is.
 */
export function backoffDelay(failures: number, policy: BackoffPolicy, random = 1): number {
  const { base, factor, max, least = 0 } = policy;
  const longest = Math.min(max, base * factor ** Math.min(Math.max(0, failures - 1), 1000));
  return longest <= least ? longest : least + (longest - least) * random;
}
