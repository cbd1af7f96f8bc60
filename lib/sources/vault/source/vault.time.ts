import type { Clock } from '../../../core/clock.js';

/** HTTP dates have whole seconds: at the answer up to so much more had passed (ms), and a life must not seem longer than it is. */
const RESOLUTION = 1_000;

/** What time it is for Vault, as its latest answer tells: whether our own clock is right is of no account then, nor whether somebody sets it. */
export class VaultTime {
  #told: number | undefined;
  #at = 0;

  constructor(private readonly clock: Pick<Clock, 'now' | 'wall'>) {}

  readonly note = (date: string | undefined): void => {
    const told = Date.parse(date ?? '');
    if (Number.isNaN(told)) return;
    this.#told = told + RESOLUTION;
    this.#at = this.clock.now();
  };

  /** Milliseconds since 1970; by our clock before the first answer, and where none tells. */
  readonly now = (): number =>
    this.#told === undefined ? this.clock.wall() : this.#told + this.clock.now() - this.#at;
}
