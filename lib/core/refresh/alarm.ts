import type { CancelTimer, Clock } from '../clock.js';

/** Wakes the refresh job. Nest’s SchedulerRegistry is one; a plain timer is the other. */
export interface Alarm {
  /** Calls back once after `delay` ms; a new call replaces the one that is set. */
  set(callback: () => void, delay: number): void;
  clear(): void;
}

export class TimerAlarm implements Alarm {
  #cancel: CancelTimer | undefined;

  constructor(private readonly clock: Clock) {}

  set(callback: () => void, delay: number): void {
    this.#cancel?.();
    this.#cancel = this.clock.setTimer(callback, delay);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
