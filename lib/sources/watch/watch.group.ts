import type { Unsubscribe } from '../../core/source/secret-source.js';
import type { LastReading, WatchedPlace, WatchSettings } from './path-watcher.js';
import { PathWatcher } from './path-watcher.js';

/** The watches of one source: each subscriber has its own, so that none misses what another has seen; closing the source ends them all. */
export class WatchGroup {
  readonly #watches = new Set<PathWatcher>();

  constructor(
    private readonly place: WatchedPlace,
    private readonly settings: WatchSettings,
  ) {}

  subscribe(last: LastReading, onChange: (names: readonly string[]) => void): Unsubscribe {
    const watch = new PathWatcher(this.place, last, onChange, this.settings);
    this.#watches.add(watch);
    return () => {
      this.#watches.delete(watch);
      watch.stop();
    };
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
  }
}
