import { uptime } from 'node:os';
import { outsideOfRequests } from './own-context.js';

/** Ends a timer; harmless when it has fired already. */
export type CancelTimer = () => void;

/** Now and timers, as a parameter: tests bring a clock of their own. */
export interface Clock {
  /** Milliseconds on a monotonic clock; lifetimes are counted on it. */
  now(): number;
  /** Milliseconds since 1970, only for display: an operator may set it. */
  wall(): number;
  /**
   * Calls back once. Any delay is fine, also one past 2^31 ms. Does not keep the process alive, unless `keepAlive` says so:
   * for work that somebody awaits.
   */
  setTimer(callback: () => void, delay: number, keepAlive?: boolean): CancelTimer;
  /** Waits, and keeps the process alive meanwhile, but no longer than until the signal says stop. */
  sleep(delay: number, signal?: AbortSignal): Promise<void>;
}

/** The waiting of a clock, by its timers. @param keepAlive false where nobody awaits it: then the process may end meanwhile. */
export function sleepOn(
  clock: Pick<Clock, 'setTimer'>,
  delay: number,
  signal?: AbortSignal,
  keepAlive = true,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      signal?.removeEventListener('abort', finish);
      cancel();
      resolve();
    };
    const cancel = clock.setTimer(finish, delay, keepAlive);
    signal?.addEventListener('abort', finish, { once: true });
    if (signal?.aborted) finish();
  });
}

/** A time on the monotonic clock, for display; undefined for one that never comes. */
export function displayed(at: number, clock: Pick<Clock, 'now' | 'wall'>): Date | undefined {
  return dateAt(clock.wall() + at - clock.now());
}

/** @param wall milliseconds since 1970. */
export function dateAt(wall: number | undefined): Date | undefined {
  const date = wall === undefined ? undefined : new Date(wall);
  return date && Number.isFinite(date.getTime()) ? date : undefined; // one that no Date can hold is not shown
}

/** Node’s `setTimeout` fires at once for a longer delay. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Less than this is scheduling noise, or the drift between two clocks. */
const SUSPENSION = 30_000;

/**
 * The machine’s clock. `performance.now()` stands still while a Linux machine is suspended, but the kernel’s uptime goes on:
 * a gap between the two is time that passed unseen, and is added.
 * Globals are looked up at each call, so that jest’s and vitest’s fake timers work.
 */
export class SystemClock implements Clock {
  #unseen = 0;
  #monotonic = performance.now();
  #uptime = uptime() * 1000;
  #wall = Date.now();

  now(): number {
    this.#noticeSuspension();
    return performance.now() + this.#unseen;
  }

  wall(): number {
    return Date.now();
  }

  setTimer(callback: () => void, delay: number, keepAlive = false): CancelTimer {
    let handle: ReturnType<typeof setTimeout>;
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMER);
      const next = (): void => (left > step ? arm(left - step) : callback());
      handle = outsideOfRequests(() => setTimeout(next, step));
      if (!keepAlive) handle.unref?.();
    };
    arm(Math.max(0, delay));
    return () => clearTimeout(handle);
  }

  sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal);
  }

  #noticeSuspension(): void {
    const wall = Date.now();
    // The wall clock goes on over a suspension, and is cheap to read: uptime, a file on some kernels, is asked only when it has moved.
    if (Math.abs(wall - this.#wall) < 1000) return;
    this.#wall = wall;
    const monotonic = performance.now();
    const up = uptime() * 1000;
    const gap = up - this.#uptime - (monotonic - this.#monotonic);
    if (gap > SUSPENSION && monotonic >= this.#monotonic) this.#unseen += gap;
    this.#monotonic = monotonic;
    this.#uptime = up;
  }
}

export const systemClock: Clock = new SystemClock();
