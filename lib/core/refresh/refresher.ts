import type { CacheEntry } from '../cache/cache-entry.js';
import type { Enumeration, SourceReader } from '../cache/source-reader.js';
import type { CancelTimer, Clock } from '../clock.js';
import { SecretSourceUnavailableError, type SecretError } from '../errors/index.js';
import type { Alarm } from './alarm.js';
import type { LeaseRenewal } from './lease-renewal.js';
import { mayComeAlong } from './plan.js';
import type { RefreshPolicy } from './policy.js';
import type { SecretEvents } from './secret-events.js';
import type { TrackedSecret, TrackedSecrets } from './tracked-secret.js';

export interface RefresherOptions {
  readonly secrets: TrackedSecrets;
  readonly reader: SourceReader;
  readonly renewal: LeaseRenewal;
  readonly events: SecretEvents;
  readonly policy: RefreshPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly connection: string;
  readonly sourceKind: string;
  /** True where all that the source enumerates is kept: then a refresh looks for new names too. */
  readonly enumerates: () => boolean;
}

/** Timers stand still while a machine is suspended, so the clock is looked at this often at least (ms). */
const HEARTBEAT = 60_000;
/** A timer later than this (ms) means that the process stood still. */
const LATE = 1_000;

/** The refresh job: reads what is due, tells readers of values that age, and takes away those that may no longer be served. */
export class Refresher {
  #alarm: Alarm | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #ticking = false;
  #cancelTick: CancelTimer = () => undefined;

  constructor(private readonly options: RefresherOptions) {}

  start(alarm: Alarm): void {
    this.#alarm = alarm;
    this.schedule();
  }

  stop(): void {
    this.#cancelTick();
    this.#cancelTick = () => undefined;
    this.#ticking = false;
    this.#alarm?.clear();
    this.#alarm = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  /** Sets the alarm to the next event of all secrets. */
  schedule(): void {
    if (!this.#alarm) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { entry } of this.options.secrets) {
      if (!this.#isUnderWay(entry)) next = Math.min(next, entry.nextEventAt());
    }
    if (next === this.#wakeAt) return;
    this.#wakeAt = next;
    if (next === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(() => this.#wake(), Math.min(HEARTBEAT, Math.max(0, next - this.options.clock.now())));
  }

  /** True where a timer should have fired and has not: the process has stood still. */
  isLate(now: number): boolean {
    return now >= this.#wakeAt + LATE;
  }

  /** After the process has stood still: reads what is overdue. Resolves at once otherwise. */
  async catchUp(secret: TrackedSecret): Promise<void> {
    if (!this.#alarm || !this.isLate(this.options.clock.now())) return;
    this.#wake();
    await secret.entry.flight?.promise;
  }

  /** Reads all secrets without a lease at a random time within `spread` ms, as a tick of a cron expression asks. */
  refreshWithin(spread: number): void {
    if (this.#ticking || !this.#alarm) return;
    this.#ticking = true;
    this.#cancelTick = this.options.clock.setTimer(() => {
      this.#ticking = false;
      void this.read([...this.options.secrets].filter(({ entry }) => !entry.isDynamic));
    }, this.options.random() * spread);
  }

  /** Reads secrets, by enumeration where all are kept. Resolves when the answers are in; failures are in the entries. */
  async read(due: readonly TrackedSecret[], fresh = false): Promise<void> {
    let rest = due;
    if (this.options.enumerates() && due.some(({ entry }) => !entry.isDynamic && entry.requested === undefined)) {
      const { covered } = await this.enumerate(due);
      rest = due.filter(({ entry }) => !covered.has(entry));
    }
    await this.readByName(rest, fresh);
  }

  async readByName(secrets: readonly TrackedSecret[], fresh = false): Promise<void> {
    await Promise.all(secrets.map(({ entry }) => this.options.reader.read(entry, fresh)));
  }

  /** Reads all that the source can enumerate, and keeps it. Dynamic secrets are not opened by it. */
  enumerate(due: readonly TrackedSecret[]): Promise<Enumeration> {
    const { reader, secrets } = this.options;
    const entries = due.map(({ entry }) => entry).filter((entry) => !entry.isDynamic && entry.requested === undefined);
    return reader.readAll((name) => {
      const { entry } = secrets.obtain(name);
      entry.pinned = true;
      return entry;
    }, entries);
  }

  /** True while a reading or a renewal will settle what comes next. */
  #isUnderWay(entry: CacheEntry): boolean {
    return entry.flight !== undefined || this.options.renewal.isUnderWay(entry);
  }

  #wake(): void {
    const { secrets, clock, policy } = this.options;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = clock.now();
    const due: TrackedSecret[] = [];
    for (const secret of secrets) {
      this.#age(secret, now);
      const { entry } = secret;
      if (!this.#isUnderWay(entry) && entry.isDue(now)) due.push(secret);
    }
    const reading = due.filter(({ entry }) => {
      if (!entry.isIdle) return true;
      // It ends with its lease; who asks again gets a new one.
      entry.dueAt = Number.POSITIVE_INFINITY;
      if (entry.failure) entry.failure = { ...entry.failure, retryAt: Number.POSITIVE_INFINITY };
      return false;
    });
    if (reading.some(({ entry }) => !entry.isDynamic && !entry.failure)) {
      for (const secret of secrets) {
        const { loaded, isDynamic, flight, failure } = secret.entry;
        if (!loaded || isDynamic || flight || failure || reading.includes(secret)) continue;
        if (mayComeAlong(loaded.loadedAt, now, policy)) reading.push(secret);
      }
    }
    const fresh: TrackedSecret[] = [];
    for (const secret of reading) {
      if (this.#renews(secret)) void this.options.renewal.renew(secret.entry);
      else fresh.push(secret);
    }
    if (fresh.length > 0) void this.read(fresh);
    this.schedule();
  }

  /** A lease that has ended, or is about to, can't be extended any more. */
  #renews({ entry, live }: TrackedSecret): boolean {
    return live.state === 'loaded' && entry.endsAt > this.options.clock.now() && this.options.renewal.canRenew(entry);
  }

  #age({ entry, live }: TrackedSecret, now: number): void {
    live.replaced.forget(now);
    if (entry.endsAt <= now) {
      const leased = entry.isDynamic;
      entry.endsAt = Number.POSITIVE_INFINITY;
      entry.agesAt = Number.POSITIVE_INFINITY;
      live.end(() => this.#ended(entry.name, leased, entry.failure?.error));
      this.options.events.ofSecret(entry, 'ended', { version: entry.loaded?.version });
    } else if (entry.agesAt <= now) {
      entry.agesAt = Number.POSITIVE_INFINITY;
      live.markAged(() => {
        const isQuiet = entry.failure !== undefined && entry.failure.quietUntil > this.options.clock.now();
        if (this.#isUnderWay(entry) || isQuiet) return;
        if (this.#renews({ entry, live })) void this.options.renewal.renew(entry);
        else void this.options.reader.read(entry);
      });
    }
  }

  #ended(secretName: string, leased: boolean, cause: SecretError | undefined): SecretError {
    const { connection, sourceKind } = this.options;
    const reason = leased ? 'its lease has ended' : 'it is older than `maxAge` and `maxStale` allow';
    return new SecretSourceUnavailableError(`${reason}, and the source has given no new value.`, {
      secretName,
      connection,
      sourceKind,
      cause,
    });
  }
}
