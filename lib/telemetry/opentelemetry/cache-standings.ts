import type { Observer } from '../../core/observe/observer.js';
import type { SecretEvent } from '../../core/refresh/secret-events.js';

/** Which shared caches of a connection fail, as its events tell. */
export class CacheStandings implements Observer {
  readonly #failing = new Set<string>();

  happened({ type, source }: SecretEvent): void {
    if (type === 'cache-failed') this.#failing.add(source);
    else if (type === 'cache-restored') this.#failing.delete(source);
  }

  isUp(cache: string): boolean {
    return !this.#failing.has(cache);
  }
}
