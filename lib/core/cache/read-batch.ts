import type { SecretState } from '../tracking/secret-state.js';
import type { Attempt } from '../tracking/transitions.js';
import { inSlices } from '../turn-slices.js';

/** Secrets that one reading is to answer: they share one attempt, and so one promise. */
export class ReadBatch {
  readonly states: SecretState[] = [];
  readonly attempt: Attempt;
  #resolve!: () => void;

  /** @param now on the monotonic clock. */
  constructor(now: number) {
    const promise = new Promise<void>((resolve) => (this.#resolve = resolve));
    this.attempt = { kind: 'reading', since: now, started: false, promise };
  }

  add(state: SecretState): void {
    this.states.push(state);
    state.begin(this.attempt);
  }

  /** From now on who wants a value of later than now does not join. */
  start(now: number): void {
    this.attempt.since = now;
    this.attempt.started = true;
  }

  /** Lets the secrets go, and everybody who waits for them. Gives a promise only where that took more than a turn. */
  settle(): Promise<void> | undefined {
    const settling = inSlices(this.states, (state) => state.settle(this.attempt));
    if (!settling) return void this.#resolve();
    return settling.then(() => this.#resolve());
  }
}
