import type { BackoffPolicy } from '../backoff.js';
import { backoffDelay } from '../backoff.js';
import { dueAfter } from '../lease-timing.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { RefreshPolicy } from './policy.js';
import type { Reading, StateContext } from './state-context.js';

/** What there is to know of a value when its times are planned. Times on the monotonic clock. */
export interface ValueTimes {
  readonly loadedAt: number;
  /** Milliseconds, only for dynamic secrets. */
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

/** When a value that has just arrived is due again. Pure: `random` is a number in [0, 1). */
export function scheduleValue(times: ValueTimes, policy: RefreshPolicy, random: number): Schedule {
  const { loadedAt, lease, expiresIn } = times;
  if (lease !== undefined) {
    const dueAt = loadedAt + dueAfter(lease, random);
    return { dueAt: policy.enabled ? dueAt : Number.POSITIVE_INFINITY, agesAt: dueAt, endsAt: loadedAt + lease };
  }
  const { every, jitter, maxAge, maxStale, enabled } = policy;
  const regular = enabled && every !== undefined ? loadedAt + every * (1 - jitter * random) : Number.POSITIVE_INFINITY;
  const replaced =
    enabled && expiresIn !== undefined && expiresIn > 0 ? loadedAt + expiresIn : Number.POSITIVE_INFINITY;
  return { dueAt: Math.min(regular, replaced), agesAt: loadedAt + maxAge, endsAt: loadedAt + maxAge + maxStale };
}

/** The times of a value that came with this reading; shared by all that have nothing of their own. */
export function timesOf(
  given: SecretVersion,
  reading: Reading,
  policy: RefreshPolicy,
  { policies, random }: Pick<StateContext, 'policies' | 'random'>,
): Schedule {
  const { lease, expiresAt } = given;
  const { at: loadedAt, wall } = reading;
  const chance = chanceOf(reading);
  if (reading.foundAt) return timesOfFound(given, reading.foundAt.at, reading, policy, random());
  if (lease) return scheduleValue({ loadedAt, lease: lease.duration }, policy, random());
  if (expiresAt) return scheduleValue({ loadedAt, expiresIn: expiresAt.getTime() - wall }, policy, chance);
  if (policy !== policies.common) return scheduleValue({ loadedAt }, policy, chance);
  // The policy of all may change before the last answer of a reading is in.
  if (reading.common?.policy !== policy) {
    reading.common = { policy, times: scheduleValue({ loadedAt }, policy, chance) };
  }
  return reading.common.times;
}

/** A fleet whose processes ask in turn would else ask as often as its most impatient one. */
const chanceOf = ({ isForAll, random }: Reading): number => (isForAll ? 0 : random);

/** Who has read for all is to be the next to do so: its leases are extended, and its secrets come due together. The others step in where it does not. */
function lagOf({ every = 0 }: RefreshPolicy, lease: number | undefined, random: number): number {
  return lease === undefined ? Math.min(every / 20, LONGEST_LAG) * random : lease * LEASE_LAG * (0.5 + random / 2);
}
/** Milliseconds; and as a share of a lease, which is due after at least two thirds of it. */
const LONGEST_LAG = 2_000;
const LEASE_LAG = 0.2;

/**
 * The times of a value of another process, which has been read a while ago. Where it was due before it was found, as many are at a start, it is due at
 * random in what is left, so that a fleet does not come back in step.
 */
function timesOfFound(
  { lease, expiresAt, origin }: SecretVersion,
  now: number,
  reading: Reading,
  policy: RefreshPolicy,
  random: number,
): Schedule {
  const { at: loadedAt, wall, isForAll } = reading;
  const maxStale = Math.min(policy.maxStale, origin?.maxStale ?? policy.maxStale);
  const times = { loadedAt, lease: lease?.duration, expiresIn: expiresAt && expiresAt.getTime() - wall };
  const planned = scheduleValue(times, { ...policy, maxStale }, chanceOf(reading));
  if (planned.dueAt >= now) {
    return isForAll ? { ...planned, dueAt: planned.dueAt + lagOf(policy, times.lease, random) } : planned;
  }
  const left = lease || policy.every === undefined ? 0 : Math.max(0, loadedAt + policy.every - now);
  return { ...planned, dueAt: now + left * random };
}

/** What changes the times of a value that has been there for a while. Times on the monotonic clock. */
export interface PolicyChange {
  readonly before: RefreshPolicy;
  readonly after: RefreshPolicy;
  readonly at: number;
  /** A number in [0, 1). */
  readonly random: number;
}

/** The times of a value when its policy has changed. A span that has become shorter counts from the change: until then the longer one held. */
export function rescheduleValue(times: ValueTimes, { before, after, at, random }: PolicyChange): Schedule {
  const { loadedAt, expiresIn } = times;
  const since = (was: number | undefined, is: number | undefined): number =>
    was !== undefined && is !== undefined && is < was ? Math.max(loadedAt, at) : loadedAt;
  const { dueAt: regular } = scheduleValue({ loadedAt: since(before.every, after.every) }, after, random);
  const { dueAt: replaced } = scheduleValue({ loadedAt, expiresIn }, { ...after, every: undefined }, random);
  const { agesAt, endsAt } = scheduleValue({ loadedAt: since(before.maxAge, after.maxAge) }, after, random);
  return { dueAt: Math.min(regular, replaced), agesAt, endsAt };
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

/** When a failed reading is tried again: back-off, not before the source's own time, and never beyond the end of a lease that still runs. */
export function scheduleRetry(facts: FailureFacts, policy: BackoffPolicy, random: number): number {
  const { now, failures, retryAfter = 0, leaseEndsAt = 0, mayHaveOpened } = facts;
  const left = leaseEndsAt - now;
  const patience = mayHaveOpened && left > 0 ? left / 4 : 0;
  const retryAt = now + Math.max(backoffDelay(failures, policy, random), retryAfter, patience);
  return left > 0 ? Math.min(retryAt, leaseEndsAt) : retryAt;
}

const HOUR = 3_600_000;

/** A pause that a source asks for, as far as it is heeded: no longer than a regular refresh takes to come, and an hour at most. */
export function boundedPause(retryAfter: number | undefined, { every, maxAge }: RefreshPolicy): number | undefined {
  if (retryAfter === undefined || Number.isNaN(retryAfter)) return undefined;
  return Math.min(Math.max(0, retryAfter), every ?? maxAge, HOUR);
}

/** From when a value may be read by a job that runs anyway: inside the span from which its own due time was drawn. */
export function refreshWindowStart(loadedAt: number, { every, jitter }: RefreshPolicy): number {
  return every === undefined ? Number.POSITIVE_INFINITY : loadedAt + every * (1 - jitter);
}
