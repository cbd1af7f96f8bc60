import fc from 'fast-check';
import { backoffDelay } from '../../lib/core/backoff.js';
import type { RefreshPolicy } from '../../lib/core/tracking/policy.js';
import { boundedPause, refreshWindowStart, scheduleRetry, scheduleValue } from '../../lib/core/tracking/schedule.js';

const policy: RefreshPolicy = {
  maxAge: 1_500_000,
  maxStale: Number.POSITIVE_INFINITY,
  every: 1_500_000,
  jitter: 0.5,
  enabled: true,
  retry: { base: 1_000, factor: 2, max: 60_000 },
};
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the refresh planner', () => {
  it('given any chance, when a value is planned, then it is due in [1 − jitter, 1] of the interval', () => {
    fc.assert(
      fc.property(chance, fc.integer({ min: 0, max: 1e12 }), (random, loadedAt) => {
        const { dueAt, agesAt, endsAt } = scheduleValue({ loadedAt }, policy, random);
        expect(dueAt - loadedAt).toBeGreaterThanOrEqual(750_000 - 1);
        expect(dueAt - loadedAt).toBeLessThanOrEqual(1_500_000);
        expect([agesAt - loadedAt, endsAt]).toEqual([1_500_000, Number.POSITIVE_INFINITY]);
      }),
    );
  });

  it('given any lease, when it is planned, then its successor is due between 67 and 77 % of its life, and it ends with it', () => {
    fc.assert(
      fc.property(chance, fc.integer({ min: 1_000, max: 1e11 }), (random, lease) => {
        const { dueAt, endsAt } = scheduleValue({ loadedAt: 0, lease }, policy, random);
        expect(dueAt / lease).toBeGreaterThanOrEqual(0.669);
        expect(dueAt / lease).toBeLessThanOrEqual(0.771);
        expect(endsAt).toBe(lease);
      }),
    );
  });

  it('given a value that its source replaces sooner, when it is planned, then it is due then', () => {
    expect(scheduleValue({ loadedAt: 0, expiresIn: 60_000 }, policy, 0).dueAt).toBe(60_000);
    expect(scheduleValue({ loadedAt: 0, expiresIn: -5 }, policy, 0).dueAt).toBe(1_500_000);
  });

  it('given the job switched off or a cron expression, when a value is planned, then nothing is due by itself', () => {
    expect(scheduleValue({ loadedAt: 0 }, { ...policy, enabled: false }, 0).dueAt).toBe(Number.POSITIVE_INFINITY);
    expect(scheduleValue({ loadedAt: 0 }, { ...policy, every: undefined }, 0).dueAt).toBe(Number.POSITIVE_INFINITY);
    expect(scheduleValue({ loadedAt: 0, lease: 1_000 }, { ...policy, every: undefined }, 0).dueAt).toBe(670);
  });

  it('given failures in a row, when the next try is planned, then it is within [0, min(max, base · factor^n)]', () => {
    fc.assert(
      fc.property(chance, fc.integer({ min: 1, max: 5_000 }), (random, failures) => {
        const delay = backoffDelay(failures, policy.retry, random);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (failures - 1)));
      }),
    );
    expect(backoffDelay(3, policy.retry, 0.5)).toBe(2_000);
  });

  it('given a source that says when, a lease that runs, or an opening that may have had an effect, when a try is planned, then it heeds them', () => {
    const facts = { now: 0, failures: 1, mayHaveOpened: false };
    expect(scheduleRetry({ ...facts, retryAfter: 30_000 }, policy.retry, 0.1)).toBe(30_000);
    expect(scheduleRetry({ ...facts, retryAfter: 30_000, leaseEndsAt: 10_000 }, policy.retry, 0.1)).toBe(10_000);
    expect(scheduleRetry({ ...facts, leaseEndsAt: -1 }, policy.retry, 0.5)).toBe(500);
    expect(scheduleRetry({ ...facts, mayHaveOpened: true, leaseEndsAt: 40_000 }, policy.retry, 0.5)).toBe(10_000);
  });

  it('given a value inside the span of its random due time, when the job runs for another, then it comes along', () => {
    expect(refreshWindowStart(0, policy)).toBe(750_000);
    expect(refreshWindowStart(0, { ...policy, every: undefined })).toBe(Number.POSITIVE_INFINITY);
  });

  it('given a pause that a source asks for, when it is not a sane span, then it is bounded by the regular refresh, and by an hour', () => {
    expect(boundedPause(1e12, policy)).toBe(1_500_000);
    expect(boundedPause(Number.POSITIVE_INFINITY, { ...policy, every: 1e9 })).toBe(3_600_000);
    expect(boundedPause(1e12, { ...policy, every: undefined, maxAge: 5_000 })).toBe(5_000);
    expect([boundedPause(Number.NaN, policy), boundedPause(undefined, policy)]).toEqual([undefined, undefined]);
    expect([boundedPause(-5, policy), boundedPause(30_000, policy)]).toEqual([0, 30_000]);
  });
});
