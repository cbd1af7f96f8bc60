import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

/** What came of the work of all clients. */
export interface LoadResult {
  readonly operations: number;
  readonly failures: readonly unknown[];
}

/** Milliseconds between two operations of a client: as many as it takes for the processor to have time for the swap. */
const THINKING = 50;

/** Clients that work, one operation after another, until they are told to stop. */
export class Load {
  #operations = 0;
  readonly #failures: unknown[] = [];
  #running = 0;
  #isStopped = false;
  #open: Promise<void> | undefined;
  #resume: () => void = () => undefined;
  readonly #clients: Promise<unknown>;

  constructor(clients: number, work: () => Promise<unknown>) {
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#client(work)));
  }

  get result(): LoadResult {
    return { operations: this.#operations, failures: this.#failures };
  }

  /** Until as many operations more have been done, or one has failed. */
  async until(operations: number): Promise<void> {
    const goal = this.#operations + operations;
    while (this.#operations < goal && this.#failures.length === 0) await pause(2);
  }

  /** Does something while no work is under way, such as ending all sessions: whatever fails afterwards was refused, and not cut off. */
  async between(action: () => Promise<void>): Promise<void> {
    this.#open = new Promise((resolve) => (this.#resume = resolve));
    while (this.#running > 0) await turn();
    await action();
    this.#open = undefined;
    this.#resume();
  }

  async stop(): Promise<LoadResult> {
    this.#isStopped = true;
    await this.#clients;
    return this.result;
  }

  async #client(work: () => Promise<unknown>): Promise<void> {
    await pause(Math.random() * THINKING);
    while (!this.#isStopped) {
      if (this.#open) await this.#open;
      this.#running += 1;
      try {
        await work();
        this.#operations += 1;
      } catch (error) {
        this.#failures.push(error);
      } finally {
        this.#running -= 1;
      }
      await pause(THINKING);
    }
  }
}
