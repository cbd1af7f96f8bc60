import type { BackoffPolicy } from '../backoff.js';
import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';

/**
 * How long the job does without reading all, after that has failed: what is due is read by its name meanwhile. Secrets that came due at different
 * times, as those do that were tried again by themselves, would each begin a reading of all of their own.
 */
export class EnumerationRest {
  #failures = 0;
  #until = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly random: () => number,
  ) {}

  get isOver(): boolean {
    return this.clock.now() >= this.#until;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = Number.NEGATIVE_INFINITY;
  }

  failed(policy: BackoffPolicy): void {
    this.#until = this.clock.now() + backoffDelay((this.#failures += 1), policy, this.random());
  }
}
