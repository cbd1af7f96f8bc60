import type { BackoffPolicy } from '../../../../core/backoff.js';
import { backoffDelay } from '../../../../core/backoff.js';
import type { Duration } from '../../../../core/duration.js';
import { toMilliseconds } from '../../../../core/duration.js';
import { SecretConfigurationError } from '../../../../core/errors/index.js';
import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { NOTHING } from '../../../../core/options/own-options.js';
import { isTimedOut } from '../../../http/index.js';
import { isNotReady } from '../not-ready.js';
import { VaultConnectionError, VaultError, VaultRateLimitError } from '../vault.errors.js';

/** How an idempotent request is tried again: full jitter between 0 and `base * factor^n`. */
export interface RetryOptions {
  /** Requests in all, the first included. @default 3 */
  readonly attempts?: number | undefined;
  /** The first wait at most. @default '250ms' */
  readonly base?: Duration | undefined;
  /** By how much the next wait may be longer. @default 2 */
  readonly factor?: number | undefined;
  /** The longest wait; a `Retry-After` beyond it is an error at once. @default '10s' */
  readonly max?: Duration | undefined;
}

export const RETRY_OPTIONS: OptionKinds<RetryOptions> = {
  attempts: 'number',
  base: 'duration',
  factor: 'number',
  max: 'duration',
};

/** When to try again; requests that are not idempotent come here only where they surely had no effect. */
export class RetryPolicy {
  readonly #attempts: number;
  readonly #backoff: BackoffPolicy;
  readonly #random: () => number;

  /** Throws SecretConfigurationError for options that make no sense. */
  constructor(options: RetryOptions | false, random: () => number = Math.random) {
    const given: RetryOptions = options === false ? NOTHING : options;
    const { attempts = options === false ? 1 : 3, base = '250ms', factor = 2, max = '10s' } = given;
    if (!Number.isInteger(attempts) || attempts < 1) {
      throw new SecretConfigurationError('Option "retry.attempts" is a whole number from 1 on.');
    }
    if (!(factor >= 1)) throw new SecretConfigurationError('Option "retry.factor" is a number from 1 on.');
    this.#attempts = attempts;
    this.#backoff = { base: toMilliseconds(base, 'retry.base'), factor, max: toMilliseconds(max, 'retry.max') };
    this.#random = random;
  }

  get isOn(): boolean {
    return this.#attempts > 1;
  }

  /**
   * Milliseconds to wait after this attempt (from 1) failed so; undefined gives up.
   * @param timed whether an attempt that ran out of its time is repeated too.
   */
  delayAfter(attempt: number, error: unknown, timed = false): number | undefined {
    if (attempt >= this.#attempts || !(isTransient(error) || (timed && isTimeout(error)))) return undefined;
    const asked = error instanceof VaultRateLimitError ? error.retryAfter : undefined;
    if (asked !== undefined) return asked <= this.#backoff.max ? asked : undefined;
    return backoffDelay(attempt, this.#backoff, this.#random());
  }
}

/** 412 is replication that lags behind, 501 a server that nobody has initialised: nothing heals that in a moment. */
function isTransient(error: unknown): boolean {
  if (error instanceof VaultConnectionError) return error.transient;
  if (isNotReady(error)) return true;
  const status = error instanceof VaultError ? error.status : undefined;
  return status === 412 || status === 429 || (status !== undefined && status >= 500 && status !== 501);
}

const isTimeout = (error: unknown): boolean => error instanceof VaultConnectionError && isTimedOut(error.cause);
