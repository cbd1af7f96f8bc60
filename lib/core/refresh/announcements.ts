import type { CancelTimer, Clock } from '../clock.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { SecretSource } from '../source/secret-source.js';
import type { RefreshSwitch } from '../tracking/refresh-switch.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { type Announcement, announcementsOf } from './announcement.js';
import { AnnouncementRow } from './announcement-row.js';
import { type Announcing, HeldAnnouncements } from './held-announcements.js';
import { SweepRow } from './sweep-row.js';
import type { Updater } from './updater.js';

export interface AnnouncementsOptions {
  readonly secrets: TrackedSecrets;
  readonly source: Pick<SecretSource, 'namesOf'>;
  readonly updater: Updater;
  readonly refreshing: RefreshSwitch;
  readonly clock: Clock;
  readonly random: () => number;
  /** 0 to 1. */
  readonly jitter: number;
  /** Reads all static secrets anew, in bulk where that is possible; never rejects. */
  readonly readAll: (freshness: Announcing) => Promise<void>;
  /** Tells other processes of what a channel of this one has announced; without a name that anything may have changed. */
  readonly relay?: ((name?: string, version?: string) => void) | undefined;
  /** Something announced what is no announcement: told once. */
  readonly onMalformed: () => void;
}

/** Milliseconds for each reading of a row until the next row of that secret begins, and the most that jitter delays what a whole fleet hears. */
const SPACING = 1_000;

/** How an announcement is taken. */
export interface Taken {
  /** @default 'announced' */
  readonly by?: Announcing;
  /** For one that anybody may repeat: one reading in place of a row of them. */
  readonly isOnce?: boolean;
}

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
  #isStopped = false;

  constructor(private readonly options: AnnouncementsOptions) {
    this.#sweep = this.#newSweep();
  }

  /** Takes an announcement. Never throws: a channel must not end because of one. */
  take(changes: readonly AnnouncedChange[] | undefined, { by = 'announced', isOnce = false }: Taken = {}): void {
    if (this.#isStopped) return;
    if (changes === undefined) {
      if (by === 'announced') this.options.relay?.();
      // All who are told read at once, and so together, by turns; who was told first reads twice, and the others take what that brings.
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
        if (this.options.refreshing.isOff) this.#held.add(state, each?.version, by);
        else if (isOnce) once.add(state);
        else this.#begin(state, each?.version, by);
      }
    }
    if (once.size > 0) void this.options.updater.readAnew([...once], by);
  }

  /**
   * Whoever announces was deaf, or begins only now: what it would have told is read once. A whole fleet may hear of this, hence the jitter.
   * @param onRead called when a reading of all that begins after this call is over, unless all comes to an end before.
   */
  catchUp(onRead: () => void): void {
    if (this.#isStopped) return;
    this.#sweepAll('announced', this.#jitter(), false, onRead);
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
      if (isAll) return this.#sweepAll(by, 0, false, () => onRead.forEach((each) => each()));
      const named = [...versions.keys()];
      const unseen = named.filter((state) => isUnseen(state, versions.get(state)));
      void updater.readAnew(unseen, by).finally(() => named.forEach((state) => state.leave()));
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

  #begin(state: SecretState, version: string | undefined, freshness: Announcing): void {
    const { clock, updater } = this.options;
    const spaced = this.#rows.get(state) ?? { row: undefined, nextAt: 0, cancel: () => undefined, freshness };
    this.#rows.set(state, spaced);
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
