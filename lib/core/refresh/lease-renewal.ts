import type { CacheEntry } from '../cache/cache-entry.js';
import type { SourceCall } from '../cache/source-call.js';
import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import type { Lease } from '../secret/lease.js';
import { passes } from './passing-errors.js';
import { scheduleRetry, scheduleValue } from './plan.js';
import type { RefreshPolicy } from './policy.js';

/** A lease that comes back this much shorter than it was nears its maximum: new credentials are due (HashiCorp’s operator asks for the same). */
const GRANTED_IN_FULL = 0.9;

export interface LeaseRenewalOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  readonly policy: RefreshPolicy;
  readonly random: () => number;
  /** Reads new credentials. */
  readonly read: (entry: CacheEntry) => void;
  /** Tells when an extended lease ends, in milliseconds since 1970. */
  readonly onExtended: (entry: CacheEntry, endsAt: number) => void;
  /** Called when times have changed. */
  readonly onSchedule: () => void;
}

/** Extends leases that can be extended, in place of reading anew; a renewal that falls short, or is refused, brings new credentials at once. */
export class LeaseRenewal {
  readonly #underWay = new Set<CacheEntry>();

  constructor(private readonly options: LeaseRenewalOptions) {}

  /** True where extending the lease comes before reading anew. */
  canRenew(entry: CacheEntry): boolean {
    return entry.loaded?.lease?.renewable === true && this.options.call.source.renew !== undefined;
  }

  isUnderWay(entry: CacheEntry): boolean {
    return this.#underWay.has(entry);
  }

  /** Never rejects. */
  async renew(entry: CacheEntry): Promise<void> {
    const { call, read, onSchedule } = this.options;
    const lease = entry.loaded?.lease;
    if (!lease || this.#underWay.has(entry)) return;
    this.#underWay.add(entry);
    try {
      const renewed = await call.run('renew lease', (context) => call.source.renew!(lease, context));
      this.#extended(entry, lease, renewed);
    } catch (thrown) {
      this.#refused(entry, call.translate(thrown, 'renew lease', entry.name));
    } finally {
      this.#underWay.delete(entry);
    }
    if (entry.dueAt <= this.options.clock.now() && !entry.failure) read(entry);
    onSchedule();
  }

  #extended(entry: CacheEntry, before: Lease, renewed: Lease): void {
    const { clock, policy, random, onExtended } = this.options;
    const { loaded } = entry;
    if (!loaded || loaded.lease !== before) return; // read anew meanwhile
    const now = clock.now();
    entry.failure = undefined;
    entry.loaded = { ...loaded, lease: renewed, loadedAt: now, loadedAtWall: clock.wall() };
    Object.assign(entry, scheduleValue({ loadedAt: now, lease: renewed.duration }, policy, random()));
    onExtended(entry, clock.wall() + renewed.duration);
    if (renewed.duration < before.duration * GRANTED_IN_FULL) entry.dueAt = now;
  }

  #refused(entry: CacheEntry, error: SecretError): void {
    const { clock, policy, random } = this.options;
    const now = clock.now();
    if (!passes(error)) {
      entry.failure = undefined;
      entry.dueAt = now; // gone or denied: new credentials
      return;
    }
    const failures = (entry.failure?.count ?? 0) + 1;
    const facts = { now, failures, leaseEndsAt: entry.endsAt, mayHaveOpened: false };
    const retryAt = scheduleRetry(facts, policy.retry, random());
    entry.failure = { error, count: failures, retryAt, quietUntil: retryAt };
  }
}
