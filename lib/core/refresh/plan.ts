import type { RefreshPolicy, RetryPolicy } from './policy.js';

/** The share of a lease after which its successor is due, and how much chance adds: what HashiCorp’s operator does. */
const LEASE_SHARE = 0.67;
const LEASE_JITTER = 0.1;

/** What there is to know of a value when its times are planned. Times on the monotonic clock. */
export interface ValueTimes {
  readonly loadedAt: number;
  /** Milliseconds, for dynamic secrets alone. */
  readonly lease?: number | undefined;
  /** Milliseconds from `loadedAt` until the source replaces the value, where it says so. */
  readonly expiresIn?: number | undefined;
}

export interface Schedule {
  /** When it is to be read again; Infinity where nothing but a call or a cron tick reads it. */
  readonly dueAt: number;
  /** From when readers start a refresh by reading. */
  readonly agesAt: number;
  /** From when it is not served any more. */
  readonly endsAt: number;
}

/** When a value that has just arrived is due again. Pure: `chance` is a number in [0, 1). */
export function scheduleValue(times: ValueTimes, policy: RefreshPolicy, chance: number): Schedule {
  const { loadedAt, lease, expiresIn } = times;
  if (lease !== undefined) {
    const dueAt = loadedAt + lease * (LEASE_SHARE + LEASE_JITTER * chance);
    return { dueAt: policy.enabled ? dueAt : Number.POSITIVE_INFINITY, agesAt: dueAt, endsAt: loadedAt + lease };
  }
  const { every, jitter, maxAge, maxStale, enabled } = policy;
  const regular = enabled && every !== undefined ? loadedAt + every * (1 - jitter * chance) : Number.POSITIVE_INFINITY;
  const replaced =
    enabled && expiresIn !== undefined && expiresIn > 0 ? loadedAt + expiresIn : Number.POSITIVE_INFINITY;
  return { dueAt: Math.min(regular, replaced), agesAt: loadedAt + maxAge, endsAt: loadedAt + maxAge + maxStale };
}

/** Milliseconds to wait after the nth failure in a row (n from 1): full jitter, so that a fleet does not come back in step. */
export function retryDelay(failures: number, { base, factor, max }: RetryPolicy, chance: number): number {
  return chance * Math.min(max, base * factor ** Math.min(failures - 1, 1000));
}

export interface FailureFacts {
  readonly now: number;
  /** In a row, this one included. */
  readonly failures: number;
  /** Milliseconds that the source asked for. */
  readonly retryAfter?: number | undefined;
  /** When the lease of the value in use ends. */
  readonly leaseEndsAt?: number | undefined;
  /** The request may have issued credentials: then another one is worth more patience. */
  readonly mayHaveOpened: boolean;
}

/** When a failed reading is tried again: back-off, not before the source’s own time, and never beyond the end of a lease that still runs. */
export function scheduleRetry(facts: FailureFacts, policy: RetryPolicy, chance: number): number {
  const { now, failures, retryAfter = 0, leaseEndsAt = 0, mayHaveOpened } = facts;
  const left = leaseEndsAt - now;
  const patience = mayHaveOpened && left > 0 ? left / 4 : 0;
  const retryAt = now + Math.max(retryDelay(failures, policy, chance), retryAfter, patience);
  return left > 0 ? Math.min(retryAt, leaseEndsAt) : retryAt;
}

/** True where a value is inside the span from which its random due time was drawn: a job that runs anyway takes it along. */
export function mayComeAlong(loadedAt: number, now: number, { every, jitter }: RefreshPolicy): boolean {
  return every !== undefined && now >= loadedAt + every * (1 - jitter);
}
