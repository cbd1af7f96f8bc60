import type { SecretError } from '../errors/index.js';
import { askedPause, hadNoEffect, isTransient, mayHaveHadEffect } from '../errors/transient.js';
import type { RefreshPolicy } from './policy.js';
import { boundedPause, scheduleRetry } from './schedule.js';
import type { SecretFacts } from './secret-facts.js';

/** A reading, or a renewal, that failed. `retryAt` is Infinity where back-off would not help: then the regular refresh tries again. */
export interface Failure {
  readonly error: SecretError;
  /** In a row. */
  readonly count: number;
  readonly retryAt: number;
  /** Until then a reader of an aged value starts no reading of its own. */
  readonly quietUntil: number;
}

export interface FailedAttempt {
  readonly error: SecretError;
  readonly now: number;
  /** The failure before this one, where it was the last outcome too. */
  readonly before: Failure | undefined;
  /** When the lease of the value in use ends; Infinity where it has none. */
  readonly leaseEndsAt: number;
  readonly isDynamic: boolean;
  readonly policy: RefreshPolicy;
  /** In [0, 1). */
  readonly random: number;
}

/** What there is to know of an attempt of this secret that has just failed. */
export function failedAttempt(
  { endsAt, isDynamic, strictPolicy: policy }: SecretFacts,
  error: SecretError,
  before: Failure | undefined,
  now: number,
  random: number,
): FailedAttempt {
  const leaseEndsAt = isDynamic ? endsAt : Number.POSITIVE_INFINITY;
  return { error, before, now, leaseEndsAt, isDynamic, policy, random };
}

/** When a failed reading is tried again ahead of the regular refresh; undefined where that would help nobody. */
export function readingRetryAt(failed: FailedAttempt): number | undefined {
  const { error, now, isDynamic, policy, random } = failed;
  // After the end there is nothing that patience could spare.
  const leaseEndsAt = isDynamic && Number.isFinite(failed.leaseEndsAt) ? failed.leaseEndsAt : undefined;
  const isHarmless = isTransient(error) || (isDynamic && hadNoEffect(error));
  // A schema that refuses credentials refuses ones that were issued.
  if (!isHarmless && leaseEndsAt === undefined) return undefined;
  const failures = countOf(failed);
  const retryAfter = boundedPause(askedPause(error), policy);
  const mayHaveOpened = !isHarmless || mayHaveHadEffect(error);
  return scheduleRetry({ now, failures, retryAfter, leaseEndsAt, mayHaveOpened }, policy.retry, random);
}

/** When a failed renewal is tried again. @param latest when it is no use any more: then new credentials are opened. */
export function renewalRetryAt(failed: FailedAttempt, latest: number): number {
  const { error, now, leaseEndsAt, policy, random } = failed;
  const retryAfter = boundedPause(askedPause(error), policy);
  const facts = { now, failures: countOf(failed), retryAfter, leaseEndsAt, mayHaveOpened: false };
  return Math.min(scheduleRetry(facts, policy.retry, random), Math.max(now, latest));
}

export const countOf = ({ before }: FailedAttempt): number => (before?.count ?? 0) + 1;
