import type { CacheEntry } from '../cache/cache-entry.js';
import type { SourceCall } from '../cache/source-call.js';
import type { Clock } from '../clock.js';
import { displayed } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import type { Lease } from '../secret/lease.js';
import type { ConnectionLog } from './connection-log.js';
import { passes } from './passing-errors.js';
import { scheduleRetry, scheduleValue } from './plan.js';
import type { RefreshPolicy } from './policy.js';
import type { SecretEvents } from './secret-events.js';

/** A lease that comes back this much shorter than it was nears its maximum: new credentials are due (HashiCorp’s operator asks for the same). */
const GRANTED_IN_FULL = 0.9;

export interface LeaseRenewalOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  readonly policy: RefreshPolicy;
  readonly random: () => number;
  readonly events: SecretEvents;
  readonly log: ConnectionLog;
  /** Reads new credentials. */
  readonly read: (entry: CacheEntry) => void;
  /** Tells that readers are in order again, and when the extended lease ends, in milliseconds since 1970. */
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
    const { call, read, onSchedule, log } = this.options;
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
      log.settled();
    }
    if (entry.dueAt <= this.options.clock.now() && !entry.failure) read(entry);
    onSchedule();
  }

  #extended(entry: CacheEntry, before: Lease, renewed: Lease): void {
    const { clock, policy, random, onExtended, events, log } = this.options;
    const { loaded } = entry;
    if (!loaded || loaded.lease !== before) return; // read anew meanwhile
    const now = clock.now();
    if (entry.failure) {
      log.recovered(entry);
      events.ofSecret(entry, 'recovered', { version: loaded.version });
    }
    entry.failure = undefined;
    entry.loaded = { ...loaded, lease: renewed, loadedAt: now, loadedAtWall: clock.wall() };
    Object.assign(entry, scheduleValue({ loadedAt: now, lease: renewed.duration }, policy, random()));
    const expiresAt = new Date(clock.wall() + renewed.duration);
    onExtended(entry, expiresAt.getTime());
    const inFull = renewed.duration >= before.duration * GRANTED_IN_FULL;
    if (!inFull) entry.dueAt = now;
    events.ofSecret(entry, inFull ? 'lease-renewed' : 'lease-ending', { version: loaded.version, expiresAt });
  }

  #refused(entry: CacheEntry, error: SecretError): void {
    const { clock, policy, random, events, log } = this.options;
    const now = clock.now();
    const expiresAt = displayed(entry.endsAt, clock);
    if (!passes(error)) {
      entry.failure = undefined;
      entry.dueAt = now; // gone or denied: new credentials
      events.ofSecret(entry, 'lease-ending', { error, expiresAt });
      return;
    }
    const failures = (entry.failure?.count ?? 0) + 1;
    const facts = { now, failures, leaseEndsAt: entry.endsAt, mayHaveOpened: false };
    const retryAt = scheduleRetry(facts, policy.retry, random());
    entry.failure = { error, count: failures, retryAt, quietUntil: retryAt };
    events.ofSecret(entry, 'lease-renewal-failed', { error, expiresAt, retryAt: displayed(retryAt, clock) });
    log.failed(entry, error);
  }
}
