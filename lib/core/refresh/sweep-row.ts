import type { Clock } from '../clock.js';
import { Waits } from './waits.js';

export interface SweepOptions {
  readonly clock: Clock;
  /** Reads all again; never rejects. */
  readonly read: () => Promise<void>;
  /** Milliseconds for each reading of a row until the next one begins. */
  readonly spacing: number;
}

/** Milliseconds after which all is read once more: whoever announces may be ahead of what can be read. */
const AGAIN = 5_000;

/** The readings after an announcement without names, when anything may have changed: one of all, and one more. Others join. */
export class SweepRow {
  #isRunning = false;
  #isJoined = false;
  /** When the next row may begin. */
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Who is to hear of the end of the next reading that begins, and of the one that is under way. */
  #waiting: (() => void)[] = [];
  #reading: (() => void)[] = [];
  readonly #waits: Waits;

  constructor(private readonly options: SweepOptions) {
    this.#waits = new Waits(options.clock);
  }

  /**
   * @param delay milliseconds.
   * @param twice whether what is announced may be ahead of what can be read.
   * @param onRead called when a reading that begins after this call is over; must not throw.
   */
  begin(delay: number, twice: boolean, onRead?: () => void): void {
    if (this.#waits.areOver) return;
    if (onRead) this.#waiting.push(onRead);
    if (this.#isRunning) {
      this.#isJoined = true;
      return;
    }
    this.#isRunning = true;
    void this.#run(delay, twice);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Gives who has not heard of a reading yet. */
  end(): readonly (() => void)[] {
    this.#waits.end();
    const left = [...this.#reading, ...this.#waiting];
    this.#reading = this.#waiting = [];
    return left;
  }

  async #run(delay: number, twice: boolean): Promise<void> {
    const { clock, spacing } = this.options;
    await this.#waits.for(Math.max(delay, this.#nextAt - clock.now()));
    const begunAt = (this.#nextAt = clock.now());
    await this.#read(spacing);
    if (twice) {
      await this.#waits.for(begunAt + AGAIN - clock.now());
      await this.#read(spacing);
    }
    if (this.#isJoined) {
      this.#isJoined = false;
      await this.#read(spacing);
    }
    this.#isRunning = false;
    const isJoined = this.#isJoined; // during that very last reading
    this.#isJoined = false;
    if (isJoined) this.begin(0, false);
  }

  async #read(spacing: number): Promise<void> {
    this.#nextAt += spacing;
    if (this.#waits.areOver) return;
    this.#reading = this.#waiting;
    this.#waiting = [];
    await this.options.read();
    const over = this.#reading;
    this.#reading = [];
    for (const onRead of over) onRead();
  }
}
