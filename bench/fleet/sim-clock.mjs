import { setImmediate } from 'node:timers';

/** The time of a simulation: one heap of timers, and for each replica a clock of its own, which may be wrong, or stand still. */
export class SimTime {
  now = 0;
  /** Set by whoever has done something that goes on by itself. */
  isBusy = false;
  #heap = [];
  #number = 0;

  at(time, run) {
    const timer = { time: Math.max(time, this.now), number: (this.#number += 1), run };
    this.#push(timer);
    return () => (timer.run = undefined);
  }

  after(delay, run) {
    return this.at(this.now + delay, run);
  }

  /** Runs all that is due until then, with time for what follows from it in between. */
  async until(end) {
    while (this.#heap.length > 0 && this.#heap[0].time <= end) {
      // What comes within half a millisecond comes together.
      const together = this.#heap[0].time + 0.5;
      while (this.#heap.length > 0 && this.#heap[0].time <= together) {
        const timer = this.#pop();
        this.now = Math.max(this.now, timer.time);
        timer.run?.();
      }
      await this.#settle();
    }
    this.now = end;
  }

  async #settle() {
    do {
      const turns = this.isBusy ? 6 : 1;
      this.isBusy = false;
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    } while (this.isBusy);
  }

  #before(a, b) {
    return a.time < b.time || (a.time === b.time && a.number < b.number);
  }

  #push(timer) {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#before(heap[at], heap[up])) break;
      [heap[at], heap[up]] = [heap[up], heap[at]];
      at = up;
    }
  }

  #pop() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const down of [2 * at + 1, 2 * at + 2]) {
        if (down < heap.length && this.#before(heap[down], heap[least])) least = down;
      }
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

const EPOCH = 1_800_000_000_000;

/** What one replica takes for the time. While it stands still nothing of it runs, and then all that is overdue. */
export class ReplicaClock {
  isDead = false;
  #overdue;

  constructor(time, skew) {
    this.time = time;
    this.skew = skew;
  }

  now = () => this.time.now;
  wall = () => EPOCH + this.time.now + this.skew;

  setTimer = (callback, delay) => this.time.after(delay, () => this.run(callback));

  sleep = (delay, signal) =>
    new Promise((resolve) => {
      const cancel = this.setTimer(resolve, delay);
      const stop = () => {
        cancel();
        resolve();
      };
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });

  /** Of all that reaches the replica: timers, answers, messages. */
  run(callback) {
    if (this.isDead) return;
    if (this.#overdue) this.#overdue.push(callback);
    else callback();
  }

  pause(milliseconds) {
    if (this.#overdue) return;
    this.#overdue = [];
    this.time.after(milliseconds, () => {
      const overdue = this.#overdue;
      this.#overdue = undefined;
      this.time.isBusy = true;
      for (const callback of overdue) this.run(callback);
    });
  }

  get isPaused() {
    return this.#overdue !== undefined;
  }
}
