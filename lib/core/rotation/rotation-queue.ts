import type { RotationEvent } from '../store/rotation-event.js';

/**
 * Gives the rotations of one secret to one handler, one at a time. While it is busy, the newest event waits, and tells as `previous`
 * what the handler last saw.
 */
export class RotationQueue {
  /** A flag beside the promise: a handler that throws at once is done before there is a promise to keep. */
  #busy = false;
  #done: Promise<void> = Promise.resolve();
  #waiting: RotationEvent | undefined;

  constructor(
    private readonly handle: (event: RotationEvent) => unknown,
    private readonly onError: (error: unknown, event: RotationEvent) => void,
  ) {}

  /** Starts the handler in this very turn, where it is idle. */
  push(event: RotationEvent): void {
    if (this.#busy) {
      this.#waiting = event;
      return;
    }
    this.#busy = true;
    this.#done = this.#run(event);
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#busy) await this.#done;
  }

  async #run(first: RotationEvent): Promise<void> {
    let event: RotationEvent | undefined = first;
    while (event) {
      const seen: RotationEvent = event;
      try {
        await this.handle(seen);
      } catch (error) {
        this.onError(error, seen);
      }
      const next: RotationEvent | undefined = this.#waiting;
      this.#waiting = undefined;
      event = next?.since(seen);
    }
    this.#busy = false;
  }
}
