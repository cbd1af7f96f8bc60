import type { Clock } from '../../../lib/core/clock.js';
import { settled } from '../../support/fake-clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly owner: string;
  readonly callback: () => void;
}

/** Turns of the event loop in which everything runs that needs no time. */
const TURNS = 8;
/** More timers than this within one step of time are a loop without a pause. */
const MOST_TIMERS = 3_000;

export class EndlessTimers extends Error {}

/**
 * A clock for many owners. It moves when the model says so, fires what comes due in its order, and can stand still as a frozen process does: then time
 * is over before any timer fires, and the overdue ones fire late.
 */
export class VirtualClock {
  #now = 0;
  #order = 0;
  #isSettled = true;
  #turns = 0;
  readonly #timers = new Set<Timer>();

  /** When the last freeze was over. */
  lastFreezeAt = Number.NEGATIVE_INFINITY;

  /** Called with what a timer threw. */
  onThrown: (error: unknown) => void = () => undefined;

  get now(): number {
    return this.#now;
  }

  get wall(): number {
    return 1_800_000_000_000 + this.#now;
  }

  /** Grows with each step: what happens under one number happens in one turn of the event loop, or in turns that no timer parts. */
  get turns(): number {
    return this.#turns;
  }

  /** False between a freeze and the firing of what was overdue. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The clock as one owner sees it, so that its timers can be told from others'. */
  faceOf(owner: string): Clock {
    const setTimer = (callback: () => void, delay: number): (() => void) => {
      // As the machine's clock does: what is not a number fires at once, what is endless never.
      const at = this.#now + (Number.isNaN(delay) ? 1 : Math.max(0, delay));
      const timer = { at, order: (this.#order += 1), owner, callback };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    };
    return {
      now: () => this.#now,
      wall: () => this.wall,
      setTimer,
      sleep: (delay) => new Promise((resolve) => setTimer(resolve, delay)),
    };
  }

  pendingOf(owner: string): number {
    return [...this.#timers].filter((timer) => timer.owner === owner).length;
  }

  async settle(): Promise<void> {
    this.#turns += 1;
    await settled(TURNS);
    this.#turns += 1;
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await this.settle();
    for (let fired = 0; ; fired += 1) {
      const next = this.#next(end);
      if (!next) break;
      if (fired > MOST_TIMERS) throw new EndlessTimers(`${MOST_TIMERS} timers within ${milliseconds} ms`);
      this.#now = Math.max(this.#now, next.at);
      await this.thaw();
      await this.settle();
    }
    this.#now = end;
    this.#isSettled = true;
    await this.settle();
  }

  /** Time goes by, and nothing runs. */
  freeze(milliseconds: number): void {
    this.#now += milliseconds;
    this.lastFreezeAt = this.#now;
    this.#isSettled = false;
  }

  /** The first phase of a turn of the event loop: all timers that are due, one after the other, with all microtasks between them. */
  async thaw(): Promise<void> {
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort(inOrder);
    for (const timer of due) {
      if (!this.#timers.has(timer)) continue;
      this.#fire(timer);
      // Node runs ticks when no microtask is left.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (!next || inOrder(timer, next) < 0)) next = timer;
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    try {
      timer.callback();
    } catch (error) {
      this.onThrown(error);
    }
  }
}

function inOrder(a: Timer, b: Timer): number {
  return a.at - b.at || a.order - b.order;
}
