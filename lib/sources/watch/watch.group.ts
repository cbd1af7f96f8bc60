import type { ChangeListener } from '../../core/source/change-listener.js';
import type { Unsubscribe } from '../../core/source/secret-source.js';
import type { GivenWatchSettings, LastReading, WatchedPath, WatchSettings } from './path-watcher.js';
import { PathWatcher, watchSettings } from './path-watcher.js';

/** The watches of one source: each subscriber has its own, so that none misses what another has seen; closing the source ends them all. */
export class WatchGroup {
  readonly #watches = new Set<PathWatcher>();

  readonly #settings: WatchSettings;

  constructor(
    private readonly path: WatchedPath,
    given: GivenWatchSettings,
  ) {
    this.#settings = watchSettings(given);
  }

  subscribe(last: LastReading, onChange: ChangeListener): Unsubscribe {
    const watch = new PathWatcher(this.path, last, onChange, this.#settings);
    this.#watches.add(watch);
    return () => {
      this.#watches.delete(watch);
      watch.stop();
    };
  }

  /** What the source has read, for a watch that began before it: a change between the two is told. */
  onRead(versions: ReadonlyMap<string, string>): void {
    for (const watch of this.#watches) watch.onRead(versions);
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
  }
}
