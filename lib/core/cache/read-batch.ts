import type { SecretState } from '../tracking/secret-state.js';
import type { Attempt } from '../tracking/transitions.js';
import { inSlices } from '../turn-slices.js';
import { stronger, type Wish } from './wish.js';

interface Waiter {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Of whom observers are told: 10,000 who wait for one reading tell nothing more. */
const MOST_CALLERS = 32;

/** Secrets that one reading is to answer: they share one attempt. Who waits for one of them waits for its answer, and not for the others'. */
export class ReadBatch {
  readonly states: SecretState[] = [];
  readonly attempt: Attempt;
  readonly #waiters = new Map<SecretState, Waiter>();
  readonly #settled = new Set<SecretState>();
  readonly #callers = new Set<unknown>();
  #wishes: Map<SecretState, Wish> | undefined;
  #resolve!: () => void;

  /** @param now on the monotonic clock. */
  constructor(now: number) {
    const promise = new Promise<void>((resolve) => (this.#resolve = resolve));
    this.attempt = { kind: 'reading', since: now, started: false, promise, of: (state) => this.#of(state) };
  }

  add(state: SecretState): void {
    this.states.push(state);
    state.begin(this.attempt);
  }

  /** Somebody waits for it, before it has begun: as observers know them. */
  calledBy(callersOf: () => readonly unknown[]): void {
    const callers = this.#callers.size < MOST_CALLERS ? callersOf() : [];
    if (callers.length > 0) for (const caller of callers) this.#callers.add(caller);
  }

  get callers(): readonly unknown[] {
    return [...this.#callers];
  }

  /** What is wanted of shared caches, where there are some: the most that anybody who takes part wants. */
  want(state: SecretState, wish: Wish): void {
    const wishes = (this.#wishes ??= new Map<SecretState, Wish>());
    wishes.set(state, stronger(wishes.get(state) ?? wish, wish));
  }

  get wishes(): ReadonlyMap<SecretState, Wish> {
    return (this.#wishes ??= new Map());
  }

  /** From now on who wants a value of later than now does not join. */
  start(now: number): void {
    this.attempt.since = now;
    this.attempt.started = true;
  }

  /** True where it was let go with a part. */
  hasSettled(state: SecretState): boolean {
    return this.#settled.has(state);
  }

  /** Lets some go while the others are still asked for. */
  settlePart(states: readonly SecretState[]): Promise<void> | undefined {
    return inSlices(states, (state) => {
      if (this.#settled.has(state)) return;
      this.#settled.add(state);
      state.settle(this.attempt);
      this.#waiters.get(state)?.resolve();
    });
  }

  /** Lets the secrets go, and everybody who waits for them. Gives a promise only where that took more than a turn. */
  settle(): Promise<void> | undefined {
    const settling = inSlices(this.states, (state) => state.settle(this.attempt));
    if (!settling) return void this.#letGo();
    return settling.then(() => this.#letGo());
  }

  #letGo(): void {
    this.#resolve();
    for (const { resolve } of this.#waiters.values()) resolve();
  }

  #of(state: SecretState): Promise<void> {
    if (this.#settled.has(state)) return Promise.resolve();
    let waiter = this.#waiters.get(state);
    if (!waiter) {
      let resolve!: () => void;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#waiters.set(state, (waiter = { promise, resolve }));
    }
    return waiter.promise;
  }
}
