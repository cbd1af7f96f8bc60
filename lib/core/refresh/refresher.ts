import { isListed } from '../cache/answer.js';
import type { Enumeration, StateOf } from '../cache/enumeration-under-way.js';
import type { SourceReader } from '../cache/source-reader.js';
import { type Freshness, wishOf, type Wish } from '../cache/wish.js';
import type { BackoffPolicy } from '../backoff.js';
import type { CancelTimer, Clock } from '../clock.js';
import type { RefreshSwitch } from '../tracking/refresh-switch.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { inSlices } from '../turn-slices.js';
import type { Alarm } from './alarm.js';
import { TimerAlarm } from './alarm.js';
import { EnumerationRest } from './enumeration-rest.js';
import type { Pauses } from './pauses.js';
import type { Updater } from './updater.js';

export interface RefresherOptions {
  readonly secrets: TrackedSecrets;
  readonly reader: SourceReader;
  readonly updater: Updater;
  readonly pauses: Pauses;
  readonly refreshing: RefreshSwitch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retry: BackoffPolicy;
  /** True where all that the source enumerates is kept: then a refresh looks for new names too. */
  readonly enumerates: () => boolean;
}

/** Timers stand still while a machine is suspended, so the clock is looked at this often at least (ms); a pause is seen by what it has put off. */
const HEARTBEAT = 60_000;

/** The refresh job: has due secrets brought up to date, tells readers of values that age, and takes away those that may no longer be served. */
export class Refresher {
  #alarm: Alarm | undefined;
  /** The event that the alarm is set for. */
  #wakeAt: number | undefined;
  #isDraining = false;
  #ticking = false;
  #isTickMissed = false;
  #cancelTick: CancelTimer = () => undefined;

  readonly #rest: EnumerationRest;

  constructor(private readonly options: RefresherOptions) {
    this.#rest = new EnumerationRest(options.clock, options.random);
  }

  start(alarm: Alarm): void {
    this.#alarm = alarm;
    this.schedule();
  }

  /** Requests drain: static secrets are read no more, leases are still renewed. */
  drain(): void {
    this.#endTick();
    if (!this.#alarm || this.#isDraining) return;
    this.#isDraining = true;
    this.#alarm.clear();
    // One of its own: the app's scheduler ends its timers at about this time.
    this.#alarm = new TimerAlarm(this.options.clock);
    this.#wakeAt = undefined;
    for (const state of this.options.secrets) if (!state.isDynamic) state.rest();
    this.schedule();
  }

  /** After `drain`. */
  stop(): void {
    this.#alarm?.clear();
    this.#alarm = undefined;
    this.options.pauses.expect(Number.POSITIVE_INFINITY);
  }

  /** Sets the alarm to the next event of all secrets. */
  schedule(): void {
    if (!this.#alarm) return;
    const { secrets, clock, pauses } = this.options;
    const next = secrets.nextAt;
    if (next === this.#wakeAt) return;
    pauses.notice(); // one that was missed until now is noticed before the expectation moves
    this.#wakeAt = next;
    if (this.#isDraining && next === Number.POSITIVE_INFINITY) return this.#alarm.clear();
    const now = clock.now();
    const at = Math.min(next, now + HEARTBEAT);
    pauses.expect(Math.max(now, at)); // what is overdue is looked at now: it tells of no second pause
    this.#alarm.set(() => this.wake(), Math.max(0, at - now));
  }

  /** Reads all secrets without a lease at a random time within `spread` ms, as a tick of a cron expression asks. */
  refreshWithin(spread: number): void {
    if (this.#ticking || !this.#alarm || this.#isDraining) return;
    this.#ticking = true;
    this.#cancelTick = this.options.clock.setTimer(() => {
      this.#ticking = false;
      if (this.options.refreshing.isOff) return void (this.#isTickMissed = true);
      void this.read([...this.options.secrets].filter((state) => !state.isDynamic && state.takesTurn()));
    }, this.options.random() * spread);
  }

  /** Static secrets are not read by the clock any more. */
  pause(): void {
    this.#replan((state) => state.pause());
  }

  /** They are again. What was to be read meanwhile is, in one reading. @param at on the monotonic clock. */
  resume(at: number): void {
    const isTicked = this.#isTickMissed;
    this.#isTickMissed = false;
    this.#replan((state) => state.resume(at, isTicked));
  }

  /** Reads all static secrets again. Never rejects. */
  readStatic(freshness: Freshness = 'fresh-if-static'): Promise<void> {
    return this.read(
      [...this.options.secrets].filter(({ isDynamic }) => !isDynamic),
      freshness,
    );
  }

  /** Reads secrets, by enumeration where all are kept. Resolves when the answers are in; failures are in the states. */
  async read(due: readonly SecretState[], freshness: Freshness = 'joined'): Promise<void> {
    const { enumerates, reader } = this.options;
    const isAllRead = enumerates() && (freshness !== 'joined' || this.#rest.isOver);
    if (!isAllRead || freshness === 'told') return reader.joinAll(due, freshness);
    const enumerable: SecretState[] = [];
    const others: SecretState[] = [];
    for (const state of due) (isEnumerable(state) ? enumerable : others).push(state);
    // A lease does not wait for an enumeration.
    const byName = reader.joinAll(others, freshness);
    if (enumerable.length > 0) {
      const { covered, error } = await this.#enumerate(enumerable, wishOf(freshness, { wasLoaded: true }));
      if (error) this.#rest.failed(this.options.retry);
      else this.#rest.succeeded();
      const rest = covered.size < enumerable.length || enumerable.some((state) => !covered.has(state));
      if (rest)
        await reader.joinAll(
          enumerable.filter((state) => !covered.has(state)),
          freshness,
        );
    }
    await byName;
  }

  /** Reads all that the source can enumerate, and keeps it. Dynamic secrets are not opened by it. */
  enumerate(due: readonly SecretState[]): Promise<Enumeration> {
    return this.#enumerate(due.filter(isEnumerable), 'first');
  }

  #enumerate(due: readonly SecretState[], wish: Wish): Promise<Enumeration> {
    const { reader, secrets, enumerates } = this.options;
    const stateOf: StateOf = (name, answer) => {
      // What is listed, and can't be read at the moment, is read again by its name.
      if (!isListed(answer)) return secrets.peek(name);
      const state = secrets.obtain(name);
      if (enumerates()) state.pin();
      else state.keep();
      return state;
    };
    return reader.readAll(stateOf, due, wish);
  }

  /** Looks at what is due by now. */
  wake(): void {
    const { secrets, clock, pauses } = this.options;
    pauses.notice();
    this.#wakeAt = undefined;
    const now = clock.now();
    const due: SecretState[] = [];
    const passing = inSlices(secrets.takeDue(now), (state) => {
      if (!state.pass(now)) return;
      if (this.#isDraining && !state.isDynamic) state.rest();
      else if (state.takesTurn()) due.push(state);
    });
    if (passing) void passing.then(() => this.#bring(due, now));
    else this.#bring(due, now);
  }

  #bring(due: readonly SecretState[], now: number): void {
    const { secrets, updater, enumerates } = this.options;
    if (due.length > 0) void updater.bring(due);
    // An enumeration answers the others anyway.
    if (!enumerates() && due.some((state) => !state.isDynamic && !state.failure)) {
      void updater.bring([...secrets.inRefreshWindow(now)]);
    }
    this.schedule();
  }

  #replan(each: (state: SecretState) => void): void {
    const replanning = inSlices(this.options.secrets, each);
    if (replanning) void replanning.then(() => this.schedule());
    else this.schedule();
  }

  #endTick(): void {
    this.#cancelTick();
    this.#cancelTick = () => undefined;
    this.#ticking = false;
  }
}

/** What failed by itself is tried again by itself: to read all for its sake would ask for the others over and over. */
const isEnumerable = ({ isDynamic, requested, failure }: SecretState): boolean =>
  !isDynamic && requested === undefined && !failure;
