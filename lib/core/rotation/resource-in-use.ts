import type { Clock } from '../clock.js';

/** A resource, the revision of the secret that it was made from, and the work that runs on it. */
export class ResourceInUse<T> {
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(
    readonly resource: T,
    readonly revision: number,
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

  /** Resolves when no work runs, or after `limit` ms. */
  drained(limit: number, clock: Clock): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.setTimer(resolve, limit, true);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}
