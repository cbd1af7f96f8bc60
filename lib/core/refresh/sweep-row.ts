import type { CancelTimer, Clock } from '../clock.js';

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
  #isEnded = false;
  #begunAt = Number.NEGATIVE_INFINITY;
  readonly #timers = new Set<() => void>();

  constructor(private readonly options: SweepOptions) {}

  /** @param delay milliseconds. @param twice whether what is announced may be ahead of what can be read. */
  begin(delay: number, twice: boolean): void {
    if (this.#isEnded) return;
    if (this.#isRunning) {
      this.#isJoined = true;
      return;
    }
    this.#isRunning = true;
    void this.#run(delay, twice);
  }

  end(): void {
    this.#isEnded = true;
    for (const end of [...this.#timers]) end();
  }

  async #run(delay: number, twice: boolean): Promise<void> {
    const { clock, spacing } = this.options;
    await this.#wait(Math.max(delay, this.#begunAt + spacing - clock.now()));
    this.#begunAt = clock.now();
    await this.#read();
    if (twice) {
      await this.#wait(this.#begunAt + AGAIN - clock.now());
      await this.#read();
    }
    if (this.#isJoined) await this.#read();
    this.#isRunning = this.#isJoined = false;
  }

  async #read(): Promise<void> {
    if (!this.#isEnded) await this.options.read();
  }

  #wait(delay: number): Promise<void> {
    if (delay <= 0 || this.#isEnded) return Promise.resolve();
    return new Promise((resolve) => {
      let cancel: CancelTimer = () => undefined;
      const end = (): void => {
        cancel();
        this.#timers.delete(end);
        resolve();
      };
      this.#timers.add(end);
      cancel = this.options.clock.setTimer(end, delay);
    });
  }
}
