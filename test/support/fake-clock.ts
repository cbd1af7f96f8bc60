import { sleepOn, type Clock } from '../../lib/core/clock.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that moves when the test says so. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #started = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();

  now = (): number => this.#now;
  wall = (): number => this.#started + this.#now;

  setTimer = (callback: () => void, delay: number): (() => void) => {
    const timer = { at: this.#now + delay, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  sleep = (delay: number, signal?: AbortSignal): Promise<void> => sleepOn(this, delay, signal);

  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on, firing what comes due in its order, with time for I/O in between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settled();
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
      await settled();
    }
    this.#now = end;
    await settled();
  }

  /** Moves on as a suspended machine does: no timer fires. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Stands still as a process does between SIGSTOP and SIGCONT: time passes, then what is overdue fires late, in one turn, before anything else runs. */
  freeze(milliseconds: number): void {
    this.#now += milliseconds;
    const overdue = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of overdue) if (this.#timers.delete(timer)) timer.callback();
  }
}

/** Lets everything run that needs no time: some turns of the event loop. */
export async function settled(turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
