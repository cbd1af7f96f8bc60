import type { RotationEvent } from '../store/rotation-event.js';

/**
 * Gives the rotations of one secret to one handler, one at a time. While it is busy, the newest event waits, and tells as `previous`
 * what the handler last saw.
 */
export class RotationQueue {
  #running: Promise<void> | undefined;
  #waiting: RotationEvent | undefined;

  constructor(
    private readonly handle: (event: RotationEvent) => unknown,
    private readonly onError: (error: unknown, event: RotationEvent) => void,
  ) {}

  /** Starts the handler in this very turn, where it is idle. */
  push(event: RotationEvent): void {
    if (this.#running) this.#waiting = event;
    else this.#running = this.#run(event);
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
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
    this.#running = undefined;
  }
}
