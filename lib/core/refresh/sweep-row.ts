import type { Clock } from '../clock.js';
import { Waits } from './waits.js';

export interface SweepOptions {
  readonly clock: Clock;
  /** Reads all anew; never rejects. */
  readonly read: () => Promise<void>;
  /** Milliseconds between the beginnings of two rows. */
  readonly spacing: number;
}

/** Milliseconds after which all is read once more: whoever announces may be ahead of what can be read. */
const AGAIN = 5_000;

/** The readings after an announcement without names, when anything may have changed: one of all, and one more. Others join. */
export class SweepRow {
  #isRunning = false;
  #isJoined = false;
  #begunAt = Number.NEGATIVE_INFINITY;
  readonly #waits: Waits;

  constructor(private readonly options: SweepOptions) {
    this.#waits = new Waits(options.clock);
  }

  /** @param delay milliseconds. @param twice whether what is announced may be ahead of what can be read. */
  begin(delay: number, twice: boolean): void {
    if (this.#waits.areOver) return;
    if (this.#isRunning) {
      this.#isJoined = true;
      return;
    }
    this.#isRunning = true;
    void this.#run(delay, twice);
  }

  end(): void {
    this.#waits.end();
  }

  async #run(delay: number, twice: boolean): Promise<void> {
    const { clock, spacing } = this.options;
    await this.#waits.for(Math.max(delay, this.#begunAt + spacing - clock.now()));
    this.#begunAt = clock.now();
    await this.#read();
    if (twice) {
      await this.#waits.for(this.#begunAt + AGAIN - clock.now());
      await this.#read();
    }
    if (this.#isJoined) await this.#read();
    this.#isRunning = this.#isJoined = false;
  }

  async #read(): Promise<void> {
    if (!this.#waits.areOver) await this.options.read();
  }
}
