import type { Clock } from '../clock.js';

/** Waits on the clock which end all at once when that which waits comes to its end. */
export class Waits {
  readonly #ends = new Set<() => void>();
  #isOver = false;

  /** @param keepAlive whether a wait keeps the process alive: somebody awaits it. */
  constructor(
    private readonly clock: Clock,
    private readonly keepAlive = false,
  ) {}

  get areOver(): boolean {
    return this.#isOver;
  }

  /** Resolves after `delay` milliseconds, or at the end. */
  for(delay: number): Promise<void> {
    if (delay <= 0 || this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const forget = this.onEnd(() => {
        cancel();
        resolve();
      });
      const cancel = this.clock.setTimer(
        () => {
          forget();
          resolve();
        },
        delay,
        this.keepAlive,
      );
    });
  }

  /** Calls back at the end, until the function that comes back is called. */
  onEnd(callback: () => void): () => void {
    this.#ends.add(callback);
    return () => void this.#ends.delete(callback);
  }

  /** Ends all waits, and those that come. */
  end(): void {
    this.#isOver = true;
    const ends = [...this.#ends];
    this.#ends.clear();
    for (const end of ends) end();
  }
}
