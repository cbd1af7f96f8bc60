import type { Clock } from '../clock.js';

/** A timer later than this (ms) means that the process stood still: a suspended machine, a frozen function, SIGSTOP. */
const LATE = 1_000;

/** Notices that the process has stood still, and remembers it: what was overdue then is to be read before anybody is answered. */
export class Pauses {
  #expectedAt = Number.POSITIVE_INFINITY;
  #lastAt = -Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** When the next timer is to fire; Infinity where none is set. */
  expect(at: number): void {
    this.#expectedAt = at;
  }

  /** Looks at the clock. Gives when the last pause was noticed; -Infinity before the first. */
  notice(): number {
    const now = this.clock.now();
    if (now >= this.#expectedAt + LATE) {
      this.#lastAt = now;
      this.#expectedAt = Number.POSITIVE_INFINITY;
    }
    return this.#lastAt;
  }
}
