import type { BackoffPolicy } from '../backoff.js';
import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import { isSecretError } from '../errors/index.js';
import { withoutEffect } from '../errors/transient.js';
import type { Pace, Turn } from './pace.js';

export interface AttemptsOptions {
  /** Where requests wait for their turn. */
  readonly pace?: Pace | undefined;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal?: AbortSignal | undefined;
  /** Told of the time that a wait, or the next attempt, may take beyond the time-out of one. */
  readonly progress?: ((later?: number) => void) | undefined;
  /** Milliseconds to wait after the nth attempt (from 1) failed so; undefined gives up. */
  readonly delayAfter: (attempt: number, error: unknown) => number | undefined;
  /** The error of what was not sent, as those before it were refused. @default the last refusal, without its effect */
  readonly notSent?: ((last: unknown) => unknown) | undefined;
}

/** Attempts of what is throttled, which costs a backend little: under a quota one request may have bad luck more often than twice. */
const MOST_THROTTLED = 5;
/** Milliseconds. After throttling without a word on how long: three attempts see more than the second that most quotas are counted in. */
const THROTTLED: BackoffPolicy = { base: 700, factor: 2, max: 2_000 };
/** Milliseconds: a longer pause that the backend asks for is for the core to plan. */
const LONGEST_PAUSE = 5_000;

/**
 * Milliseconds after which what was throttled for the nth time is sent again; undefined where it is not.
 * @param asked milliseconds that the backend named; 0 is what is left of a second.
 * @param random a number in [0, 1).
 */
export function throttledDelay(attempt: number, asked = 0, random = Math.random()): number | undefined {
  if (attempt >= MOST_THROTTLED || asked > LONGEST_PAUSE) return undefined;
  return asked > 0 ? asked : (backoffDelay(attempt, THROTTLED) * (1 + random)) / 2;
}

/** Milliseconds beyond an attempt's own end until whoever waits for it may end the call. */
export const GRACE = 1_000;

/**
 * One request, in as many attempts as it takes: each waits for its turn, and no failure of one of them is anybody else's. The unit of trying again for
 * sources that send requests themselves; AWS's SDK has attempts of its own.
 */
export async function inAttempts<T>(options: AttemptsOptions, send: () => Promise<T>): Promise<T> {
  const { pace, clock, signal, progress, delayAfter } = options;
  for (let attempt = 1; ; attempt += 1) {
    // At once where it may be: what is sent is decided when a call begins.
    const turn = pace && (pace.immediate() ?? (await waited(pace, options)));
    progress?.(GRACE);
    try {
      const answer = await send();
      turn?.end();
      return answer;
    } catch (error) {
      if (signal?.aborted) {
        turn?.abandon();
        throw error;
      }
      const isOfNoUse = turn?.end(error) ?? false;
      const delay = isOfNoUse ? undefined : delayAfter(attempt, error);
      if (delay === undefined) throw error;
      progress?.(delay + GRACE);
      if (delay > 0) await clock.sleep(delay, signal);
      if (signal?.aborted) throw error;
    }
  }
}

/** Undefined where the signal says stop: then the sending sees to it, in its own words. */
async function waited(pace: Pace, { signal, progress, notSent }: AttemptsOptions): Promise<Turn | undefined> {
  try {
    return await pace.begin(signal, progress);
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (notSent) throw notSent(error);
    throw isSecretError(error) ? withoutEffect(error) : error;
  }
}
