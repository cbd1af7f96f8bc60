import type { CancelTimer, Clock } from '../../core/clock.js';
import { systemClock } from '../../core/clock.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import type { Listen, WatchedEntries } from './folder.listeners.js';
import { FolderListeners, listenToFolder } from './folder.listeners.js';

/** A file or folder that is watched. All of these may reject: then what is known stays, and it is looked at again. */
export interface WatchedPath {
  /** Where to listen. */
  entries(): Promise<WatchedEntries>;
  /** Cheap to take, and different after every change. Rejects where it can't be looked at. */
  state(): Promise<string>;
  /** The version of each secret that is there. Rejects where its content is broken. */
  versions(): Promise<ReadonlyMap<string, string>>;
  /** True where names come by readings only, so that one that was not known before is nothing to tell of. */
  readonly isByName?: boolean;
}

/** What was read of a path before it is watched: versions by name, of all that was there or of some. */
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

export type GivenWatchSettings = Pick<WatchSettings, 'interval'> & Partial<WatchSettings>;

/** What a source was given for these, or of a test's own; the rest as usual. */
export const watchSettings = (given: GivenWatchSettings): WatchSettings => ({
  clock: systemClock,
  listen: listenToFolder,
  ...given,
});

/** Milliseconds of silence after an event: a save is several events, and a file that is being written is not yet the new one. */
const SETTLE = 50;
/** Who writes without a pause doesn't keep us waiting for longer. */
const LONGEST_SETTLE = 1_000;

/**
 * Tells which secrets of a path have changed: soon after the file system's events, and at intervals as well, for
 * network file systems and
 * some containers' mounts take a watcher and never send it anything. So it is deaf only while the path can't be looked
 * at.
 */
export class PathWatcher {
  readonly #listeners: FolderListeners;
  #known: ReadonlyMap<string, string>;
  /** Whether a name that is not known is a new one. */
  #complete: boolean;
  #state: string | undefined;
  /** What was read of late, and differs from what was seen here: the reading may have been the older one. */
  readonly #unseen = new Map<string, string>();
  #lost = false;
  #stopped = false;
  #looking = false;
  #lookAgain = false;
  #firstEventAt: number | undefined;
  #cancelSettling: CancelTimer = () => undefined;
  #cancelInterval: CancelTimer = () => undefined;

  /** @param last so that a change between that reading and the first look is told. */
  constructor(
    private readonly path: WatchedPath,
    last: LastReading,
    private readonly onChange: ChangeListener,
    private readonly settings: WatchSettings,
  ) {
    this.#known = new Map(last.versions);
    this.#complete = last.complete;
    this.#listeners = new FolderListeners(settings.listen, () => this.#onEvent());
    void this.#look();
  }

  /** Somebody has read these versions. Where they are not what was seen here, it is looked whether they are what is there. */
  onRead(versions: ReadonlyMap<string, string>): void {
    for (const [name, version] of versions) if (this.#known.get(name) !== version) this.#unseen.set(name, version);
    if (this.#unseen.size > 0 && !this.#stopped) void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSettling();
    this.#cancelInterval();
    this.#listeners.close();
  }

  #onEvent(): void {
    const { clock } = this.settings;
    const now = clock.now();
    this.#firstEventAt ??= now;
    if (now - this.#firstEventAt > LONGEST_SETTLE) return; // a look is due already
    this.#cancelSettling();
    this.#cancelSettling = clock.setTimer(() => {
      this.#firstEventAt = undefined;
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
      const state = await this.#currentState();
      // What is broken, or has changed since: reading tells, and the next look may be better.
      const changed = state === undefined ? [] : await this.#compare(state).catch(() => []);
      if (changed.length > 0 && !this.#isStopped()) this.onChange(changed);
    }
    this.#looking = false;
    if (this.#isStopped()) return;
    this.#cancelInterval = this.settings.clock.setTimer(() => void this.#look(), this.settings.interval);
  }

  /** Undefined where it can't be looked at. */
  async #currentState(): Promise<string | undefined> {
    try {
      // Listening begins before looking, so that nothing in between goes unseen.
      await this.#listeners.watch(await this.path.entries());
      const state = await this.path.state();
      this.#tell(undefined);
      return state;
    } catch (error) {
      this.#tell({ cause: error });
      return undefined;
    }
  }

  async #compare(state: string): Promise<readonly string[]> {
    if (state === this.#state && this.#unseen.size === 0) return [];
    const versions = await this.path.versions();
    const outdated = [...this.#unseen].filter(([name, version]) => versions.get(name) !== version);
    this.#unseen.clear();
    const names = new Set([...this.#known.keys(), ...(this.#complete ? versions.keys() : [])]);
    const changed = [...names].filter((name) => this.#known.get(name) !== versions.get(name));
    const told = [...new Set([...changed, ...outdated.map(([name]) => name)])];
    this.#known = versions;
    this.#state = state;
    this.#complete = !this.path.isByName;
    return told;
  }

  /** Whether it can be looked at: told when that changes. */
  #tell(failure: { readonly cause: unknown } | undefined): void {
    const isLost = failure !== undefined;
    if (this.#stopped || isLost === this.#lost) return;
    this.#lost = isLost;
    if (failure) this.onChange.lost(failure.cause);
    else this.onChange.resumed();
  }

  /** A function, as the compiler would take the field for unchanged over an `await`. */
  #isStopped(): boolean {
    return this.#stopped;
  }
}
