import type { CancelTimer, Clock } from '../../core/clock.js';
import { systemClock } from '../../core/clock.js';
import type { Attention, Listen } from './folder.listeners.js';
import { FolderListeners, listenToFolder } from './folder.listeners.js';

/** A file or folder that is watched. All of these may reject: then what is known stays, and it is looked at again. */
export interface WatchedPlace {
  attention(): Promise<Attention>;
  /** Cheap to take, and different after every change. */
  state(): Promise<string>;
  /** The version of each secret that is there. */
  versions(): Promise<ReadonlyMap<string, string>>;
}

/** What was read of a place before it is watched: versions by name, of all that was there or of some. */
export interface LastReading {
  readonly versions: ReadonlyMap<string, string>;
  readonly complete: boolean;
}

export interface WatchSettings {
  readonly clock: Clock;
  readonly listen: Listen;
  /** Milliseconds from one look to the next where no event asks for one. */
  readonly interval: number;
}

export const DEFAULT_INTERVAL = 5_000;
export const defaultWatchSettings: WatchSettings = {
  clock: systemClock,
  listen: listenToFolder,
  interval: DEFAULT_INTERVAL,
};

/** Milliseconds of silence after an event: a save is several events, and a file that is being written is not yet the new one. */
const SETTLE = 50;
/** Who writes without a pause doesn’t keep us waiting for longer. */
const LONGEST_SETTLE = 1_000;

/**
 * Tells which secrets of a place have changed: soon after the file system’s events, and at intervals as well, for network file systems and
 * some containers’ mounts take a watcher and never send it anything.
 */
export class PathWatcher {
  readonly #listeners: FolderListeners;
  #known: ReadonlyMap<string, string>;
  /** Whether a name that is not known is a new one. */
  #complete: boolean;
  #state: string | undefined;
  #stopped = false;
  #looking = false;
  #lookAgain = false;
  #heardFirst: number | undefined;
  #cancelSettling: CancelTimer = () => undefined;
  #cancelInterval: CancelTimer = () => undefined;

  /** @param last so that a change between that reading and the first look is told. */
  constructor(
    private readonly place: WatchedPlace,
    last: LastReading,
    private readonly onChange: (names: readonly string[]) => void,
    private readonly settings: WatchSettings,
  ) {
    this.#known = new Map(last.versions);
    this.#complete = last.complete;
    this.#listeners = new FolderListeners(settings.listen, () => this.#hear());
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSettling();
    this.#cancelInterval();
    this.#listeners.close();
  }

  #hear(): void {
    const { clock } = this.settings;
    const now = clock.now();
    this.#heardFirst ??= now;
    if (now - this.#heardFirst > LONGEST_SETTLE) return; // a look is due already
    this.#cancelSettling();
    this.#cancelSettling = clock.setTimer(() => {
      this.#heardFirst = undefined;
      void this.#look();
    }, SETTLE);
  }

  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#cancelInterval();
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false;
      const changed = await this.#compare().catch(() => []); // missing or broken: reading tells, and the next look may be better
      if (changed.length > 0 && !this.#isStopped()) this.onChange(changed);
    }
    this.#looking = false;
    if (this.#isStopped()) return;
    this.#cancelInterval = this.settings.clock.setTimer(() => void this.#look(), this.settings.interval);
  }

  async #compare(): Promise<readonly string[]> {
    // Listening begins before looking, so that nothing in between goes unseen.
    await this.#listeners.attend(await this.place.attention());
    const state = await this.place.state();
    if (state === this.#state) return [];
    const versions = await this.place.versions();
    const names = new Set([...this.#known.keys(), ...(this.#complete ? versions.keys() : [])]);
    const changed = [...names].filter((name) => this.#known.get(name) !== versions.get(name));
    this.#known = versions;
    this.#state = state;
    this.#complete = true;
    return changed;
  }

  /** A function, as the compiler would take the field for unchanged over an `await`. */
  #isStopped(): boolean {
    return this.#stopped;
  }
}
