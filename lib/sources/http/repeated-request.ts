import { backoffDelay } from '../../core/backoff.js';
import { systemClock } from '../../core/clock.js';
import { isSecretError } from '../../core/errors/index.js';
import { askedPause, mayHaveHadEffect, withoutEffect } from '../../core/errors/transient.js';
import { inAttempts, throttledDelay } from '../../core/source/attempts.js';
import type { Pace } from '../../core/source/pace.js';
import type { ReadContext } from '../../core/source/secret-source.js';
import { isPassing, isTimedOut } from './http.errors.js';

const ATTEMPTS = 3;
const BACKOFF = { base: 100, factor: 2, max: 5_000 };
/** Beside 5xx: the server gave up waiting for the request, or would not risk it. */
const PASSING_STATUSES = [408, 425];

/**
 * Milliseconds to wait after the nth attempt of a request (from 1) failed so; undefined where it is not sent again. What was throttled had no effect,
 * whatever it was; all else is repeated where that is harmless.
 * @param isRepeatable harmless to send twice.
 */
const delayAfter =
  (isRepeatable: boolean) =>
  (attempt: number, error: unknown): number | undefined => {
    if (!isSecretError(error)) return undefined;
    if (error.code === 'SECRET_THROTTLED') return throttledDelay(attempt, askedPause(error));
    if (attempt >= ATTEMPTS) return undefined;
    if (error.code !== 'SECRET_SOURCE_UNAVAILABLE' || !healsSoon(error.cause)) return undefined;
    return isRepeatable || !mayHaveHadEffect(error) ? backoffDelay(attempt, BACKOFF, Math.random()) : undefined;
  };

/**
 * One request of a source, in as many attempts as it takes. What fails had no effect where the request changes nothing.
 * @param send one attempt; rejects with SecretErrors.
 */
export async function repeatedRequest<T>(
  pace: Pace,
  isRepeatable: boolean,
  { signal, progress }: ReadContext,
  send: () => Promise<T>,
): Promise<T> {
  try {
    const options = { pace, clock: systemClock, signal, progress, delayAfter: delayAfter(isRepeatable) };
    const answer = await inAttempts(options, send);
    progress?.();
    return answer;
  } catch (error) {
    throw isRepeatable && isSecretError(error) ? withoutEffect(error) : error;
  }
}

function healsSoon(cause: unknown): boolean {
  const { status } = (cause ?? {}) as { readonly status?: unknown };
  if (typeof status !== 'number') return isPassing(cause) || isTimedOut(cause);
  return (status >= 500 && status !== 501) || PASSING_STATUSES.includes(status);
}
