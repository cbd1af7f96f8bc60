import type { Clock } from '../clock.js';
import type { MadeFrom } from './resource-life.js';

/** A resource, which value of the secret it was made from, and the work that runs on it. */
export class ResourceInUse<T> {
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(
    readonly resource: T,
    readonly from: MadeFrom,
    /** Ends the hold on the revision, when the resource is disposed of. */
    readonly release: () => void,
  ) {}

  async run<R>(work: (resource: T) => Promise<R>): Promise<R> {
    this.#running += 1;
    try {
      return await work(this.resource);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle?.();
    }
  }

  /** Resolves when no work runs, with true, or after `limit` ms, with false. */
  drained(limit: number, clock: Clock): Promise<boolean> {
    if (this.#running === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const cancel = clock.setTimer(() => resolve(false), limit, true);
      this.#onIdle = () => {
        cancel();
        resolve(true);
      };
    });
  }
}
