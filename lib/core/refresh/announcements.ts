import type { CancelTimer, Clock } from '../clock.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { SecretSource } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { announcementsOf, type Announcement } from './announced-changes.js';
import { AnnouncementRow } from './announcement-row.js';
import { SweepRow } from './sweep-row.js';
import type { Updater } from './updater.js';

export interface AnnouncementsOptions {
  readonly secrets: TrackedSecrets;
  readonly source: Pick<SecretSource, 'namesOf'>;
  readonly updater: Updater;
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

/** By whom: a channel of this process; another process, of the source or of what it has put into a shared cache. */
export type Announcing = 'announced' | 'relayed';

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
  /** When the announcement came that the row is for, and the first of those that joined since a rotation was seen. Milliseconds since 1970. */
  announcedAt: number | undefined;
  joinedAt: number | undefined;
  /** The most that was announced of it since the row began. */
  freshness: Announcing;
}

/** Has what was announced read, however often it is announced: rows of readings, at most one a secret at a time. Opens no dynamic secret. */
export class Announcements {
  readonly #rows = new Map<SecretState, Spaced>();
  readonly #sweep: SweepRow;
  /** The most that was announced since the sweep began. */
  #swept: Announcing = 'announced';
  #sweptAt: number | undefined;
  /** Those that are read once for it. */
  readonly #once = new Map<SecretState, number>();
  #isStopped = false;

  constructor(private readonly options: AnnouncementsOptions) {
    const { clock, readAll } = options;
    this.#sweep = new SweepRow({ clock, read: () => readAll(this.#swept), spacing: SPACING });
  }

  /** Takes an announcement. Never throws: a channel must not end because of one. */
  take(changes: readonly AnnouncedChange[] | undefined, { by = 'announced', isOnce = false }: Taken = {}): void {
    if (this.#isStopped) return;
    if (changes === undefined) {
      if (by === 'announced') this.options.relay?.();
      // All who are told read at once, and so together, by turns; who was told first reads twice, and the others take what that brings.
      this.#sweptAt = (this.#sweep.isRunning ? this.#sweptAt : undefined) ?? this.options.clock.wall();
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
        if (isOnce) once.add(state);
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
    if (!this.#sweep.isRunning) this.#sweptAt = undefined; // nobody knows when it was to be told
    this.#sweepAll('announced', this.#jitter(), false, onRead);
  }

  /** When the announcement arrived that has this secret read now, in milliseconds since 1970. Given for one rotation. */
  takeAnnouncedAt(state: SecretState): number | undefined {
    const spaced = this.#rows.get(state);
    const ofRow = spaced?.row && spaced.announcedAt;
    if (ofRow !== undefined) [spaced!.announcedAt, spaced!.joinedAt] = [spaced!.joinedAt, undefined];
    return ofRow ?? this.#once.get(state) ?? (this.#sweep.isRunning ? this.#sweptAt : undefined);
  }

  stop(): void {
    this.#isStopped = true;
    this.#sweep.end();
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
    return states.filter(
      (state) => !state.isDynamic && !state.isFixed && (version === undefined || !state.hasHeld(version)),
    );
  }

  #sweepAll(by: Announcing, delay: number, twice: boolean, onRead?: () => void): void {
    this.options.secrets.forgetMissing();
    if (by === 'announced' || !this.#sweep.isRunning) this.#swept = by;
    this.#sweep.begin(delay, twice, onRead);
  }

  #namesOf(announced: string): readonly unknown[] {
    try {
      return [...(this.options.source.namesOf?.(announced) ?? [announced])];
    } catch {
      return [announced]; // a source that can't tell leaves it with the name
    }
  }

  async #readOnce(states: readonly SecretState[], by: Announcing): Promise<void> {
    const { clock, updater } = this.options;
    for (const state of states) this.#once.set(state, clock.wall());
    await updater.readAnew(states, by);
    for (const state of states) this.#once.delete(state);
  }

  #begin(state: SecretState, version: string | undefined, freshness: Announcing): void {
    const { clock, updater } = this.options;
    const spaced = this.#rows.get(state) ?? newSpaced(freshness);
    this.#rows.set(state, spaced);
    this.#note(spaced);
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
    if (this.#isStopped) return;
    if (!row.isJoined) spaced.joinedAt = undefined;
    if (!isSeen) state.tell('announced-not-seen', { version: state.facts?.given.version });
    if (row.isJoined) this.#begin(state, undefined, spaced.freshness);
    else this.#forgetLater(state, spaced);
  }

  /** When it was announced: for the rotation that it brings. */
  #note(spaced: Spaced): void {
    const at = this.options.clock.wall();
    if (spaced.row) spaced.joinedAt ??= at;
    else [spaced.announcedAt, spaced.joinedAt] = [spaced.joinedAt ?? at, undefined];
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

const newSpaced = (freshness: Announcing): Spaced => ({
  row: undefined,
  nextAt: 0,
  cancel: () => undefined,
  freshness,
  announcedAt: undefined,
  joinedAt: undefined,
});
