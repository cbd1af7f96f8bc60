import type { CancelTimer } from '../clock.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { SecretState } from '../tracking/secret-state.js';
import { type Announcement, announcementsOf } from './announcement.js';
import { AnnouncementRow } from './announcement-row.js';
import { AnnouncementTimes } from './announcement-times.js';
import type { AnnouncementsOptions, Taken } from './announcements.options.js';
import { type Announcing, HeldAnnouncements } from './held-announcements.js';
import { SweepRow } from './sweep-row.js';

/** Milliseconds for each reading of a row until the next row of that secret begins, and the most that jitter delays what a whole fleet hears. */
const SPACING = 1_000;

interface Spaced {
  /** Under way, or waiting until it may begin. */
  row: AnnouncementRow | undefined;
  /** When the next row may begin: each reading of the last one counts, so that a storm of announcements costs no more than one a second. */
  nextAt: number;
  cancel: CancelTimer;
  /** The most that was announced of it since the row began. */
  freshness: Announcing;
}

/** Has what was announced read, however often it is announced: rows of readings, at most one a secret at a time. Opens no dynamic secret. */
export class Announcements {
  readonly #rows = new Map<SecretState, Spaced>();
  #sweep: SweepRow;
  readonly #held = new HeldAnnouncements();
  #cancelLook: CancelTimer = () => undefined;
  /** The most that was announced since the sweep began. */
  #swept: Announcing = 'announced';
  readonly #times: AnnouncementTimes;
  #isStopped = false;

  constructor(private readonly options: AnnouncementsOptions) {
    this.#sweep = this.#newSweep();
    this.#times = new AnnouncementTimes(options.clock);
  }

  /** Takes an announcement. Never throws: a channel must not end because of one. */
  take(changes: readonly AnnouncedChange[] | undefined, { by = 'announced', isOnce = false }: Taken = {}): void {
    if (this.#isStopped) return;
    if (changes === undefined) {
      if (by === 'announced') this.options.relay?.();
      // All who are told read at once, and so together, by turns; who was told first reads twice, and the others take what that brings.
      this.#times.cameOfAll(this.#sweep.isRunning || this.#held.isAll);
      return this.#sweepAll(by, 0, by === 'announced' && !isOnce);
    }
    const once = new Set<SecretState>();
    // A name and an ARN of one secret in one list are one announcement.
    const begun = new Map<SecretState, Set<string | undefined>>();
    for (const each of announcementsOf(changes)) {
      if (!each) this.options.onMalformed();
      for (const state of each ? this.#statesOf(each, by) : []) {
        const versions = begun.get(state) ?? new Set();
        if (versions.has(each?.version)) continue;
        begun.set(state, versions.add(each?.version));
        if (this.options.refreshing.isOff) this.#hold(state, each?.version, by);
        else if (isOnce) once.add(state);
        else this.#begin(state, each?.version, by);
      }
    }
    if (once.size > 0) void this.#readOnce([...once], by);
  }

  /**
   * Whoever announces was deaf, or begins only now: what it would have told is read once. A whole fleet may hear of this, hence the jitter.
   * @param onRead called when a reading of all that begins after this call is over, unless all comes to an end before.
   */
  catchUp(onRead: () => void): void {
    if (this.#isStopped) return;
    if (!this.#sweep.isRunning && !this.#held.isAll) this.#times.nobodyKnows();
    this.#sweepAll('announced', this.#jitter(), false, onRead);
  }

  /** When the announcement arrived for which this secret has been read, in milliseconds since 1970. Given for one rotation. */
  takeAnnouncedAt(state: SecretState): number | undefined {
    return this.#times.take(state, this.#sweep.isRunning);
  }

  /** What is announced, and what was and has not been seen, is remembered from now on, and not read. */
  pause(): void {
    if (this.#sweep.isRunning) {
      this.#held.addAll(this.#swept, this.#sweep.end());
      this.#sweep = this.#newSweep();
    }
    for (const [state, { row, freshness, cancel }] of this.#rows) {
      if (!row) cancel();
      else this.#held.add(state, undefined, freshness);
      row?.end();
    }
    this.#rows.clear();
  }

  /** One look at what was announced meanwhile. @param at on the monotonic clock. @param alongside what is to be read in the same turn, and so with it. */
  resume(at: number, alongside: () => void): void {
    if (this.#isStopped) return;
    const { clock, updater, refreshing } = this.options;
    this.#cancelLook();
    this.#cancelLook = clock.setTimer(() => {
      if (refreshing.isOff) return; // once more, before it came to that
      alongside();
      const { isAll, versions, by, onRead } = this.#held.take();
      if (isAll) {
        this.#times.mergeNames();
        return this.#sweepAll(by, 0, false, () => onRead.forEach((each) => each()));
      }
      const named = [...versions.keys()];
      const unseen = named.filter((state) => isUnseen(state, versions.get(state)));
      void updater.readAnew(unseen, by).finally(() => named.forEach((state) => this.#letGo(state)));
    }, at - clock.now());
  }

  stop(): void {
    this.#isStopped = true;
    this.#sweep.end();
    this.#cancelLook();
    for (const { row, cancel } of this.#rows.values()) {
      row?.end();
      cancel();
    }
    this.#rows.clear();
  }

  /** Those that are known here, may be read for it, and haven't held the version. */
  #statesOf({ name: announced, version }: Announcement, by: Announcing): readonly SecretState[] {
    const { secrets, relay } = this.options;
    const states: SecretState[] = [];
    // Another process of ours calls it as this one does.
    for (const name of by === 'announced' ? this.#namesOf(announced) : [announced]) {
      if (by === 'announced' && typeof name === 'string') relay?.(name, version);
      const state = typeof name === 'string' ? secrets.peek(name) : undefined;
      if (!state) {
        if (typeof name === 'string') secrets.forgetMissing(name); // it may have been looked for in vain
        continue;
      }
      states.push(state, ...secrets.otherVersions(state.name));
    }
    return states.filter((state) => isUnseen(state, version));
  }

  #sweepAll(by: Announcing, delay: number, twice: boolean, onRead?: () => void): void {
    this.options.secrets.forgetMissing();
    if (this.options.refreshing.isOff) return this.#held.addAll(by, onRead && [onRead]);
    if (by === 'announced' || !this.#sweep.isRunning) this.#swept = by;
    this.#sweep.begin(delay, twice, onRead);
  }

  #newSweep(): SweepRow {
    const { clock, readAll } = this.options;
    return new SweepRow({ clock, read: () => readAll(this.#swept), spacing: SPACING });
  }

  #namesOf(announced: string): readonly unknown[] {
    try {
      return [...(this.options.source.namesOf?.(announced) ?? [announced])];
    } catch {
      return [announced]; // a source that can't tell leaves it with the name
    }
  }

  async #readOnce(states: readonly SecretState[], by: Announcing): Promise<void> {
    const begun = states.filter((state) => this.#times.came(state));
    await this.options.updater.readAnew(states, by);
    for (const state of begun) this.#times.over(state);
  }

  /** Entered, until it is let go: it is not to be forgotten meanwhile. */
  #hold(state: SecretState, version: string | undefined, by: Announcing): void {
    this.#times.came(state);
    this.#held.add(state, version, by);
  }

  #letGo(state: SecretState): void {
    this.#times.over(state);
    state.leave();
  }

  #begin(state: SecretState, version: string | undefined, freshness: Announcing): void {
    const { clock, updater } = this.options;
    const spaced = this.#rows.get(state) ?? { row: undefined, nextAt: 0, cancel: () => undefined, freshness };
    this.#rows.set(state, spaced);
    this.#times.came(state);
    if (!spaced.row || freshness === 'announced') spaced.freshness = freshness;
    if (spaced.row) return spaced.row.join(version);
    const read = (one: SecretState): Promise<void> => updater.readAnew([one], spaced.freshness);
    const row = (spaced.row = new AnnouncementRow(state, version, { clock, read }));
    state.enter();
    spaced.cancel(); // it is not to be forgotten now
    const wait = spaced.nextAt - clock.now();
    if (wait <= 0) void this.#run(row, spaced);
    else spaced.cancel = clock.setTimer(() => void this.#run(row, spaced), wait + this.#jitter());
  }

  async #run(row: AnnouncementRow, spaced: Spaced): Promise<void> {
    const begunAt = this.options.clock.now();
    const isSeen = await row.run();
    const { state } = row;
    spaced.nextAt = begunAt + SPACING * Math.max(1, row.readings);
    state.leave();
    spaced.row = undefined;
    if (this.#isStopped || this.#rows.get(state) !== spaced) return;
    this.#times.over(state, row.isJoined);
    if (!isSeen) state.tell('announced-not-seen', { version: state.facts?.given.version });
    if (row.isJoined) this.#begin(state, undefined, spaced.freshness);
    else this.#forgetLater(state, spaced);
  }

  /** What was announced is remembered for as long as it keeps the next row off. */
  #forgetLater(state: SecretState, spaced: Spaced): void {
    const { clock } = this.options;
    const left = spaced.nextAt - clock.now();
    const forget = (): void => {
      if (!spaced.row) this.#rows.delete(state);
    };
    if (left <= 0) forget();
    else spaced.cancel = clock.setTimer(forget, left);
  }

  #jitter(): number {
    const { random, jitter } = this.options;
    return random() * jitter * SPACING;
  }
}

/** True for what may be read for an announcement, and hasn't held the version. */
const isUnseen = (state: SecretState, version: string | undefined): boolean =>
  !state.isDynamic && !state.isFixed && (version === undefined || !state.hasHeld(version));
