import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';
import { inSlices } from '../turn-slices.js';

/**
 * Passes transitions on in their order, but not while a publication is being made: who hears of one secret must find the others of its reading in
 * place too.
 */
export class TransitionQueue implements StateListener {
  #waiting: (() => void)[] = [];
  #isHeld = false;
  #draining: Promise<void> | undefined;

  constructor(private readonly listener: StateListener) {}

  told(state: SecretState, type: TransitionType, facts: TransitionFacts): void {
    this.#pass(() => this.listener.told(state, type, facts));
  }

  settled(): void {
    this.#pass(() => this.listener.settled());
  }

  /** Keeps back what is told while `work` runs, then passes it on; many of them do not hold the event loop. */
  during(work: () => void): Promise<void> | undefined {
    this.#isHeld = true;
    try {
      work();
    } finally {
      this.#isHeld = false;
    }
    if (this.#draining) return this.#draining;
    const waiting = this.#waiting;
    this.#waiting = [];
    const draining = inSlices(waiting, (pass) => pass());
    if (!draining) return undefined;
    this.#draining = draining.then(() => {
      this.#draining = undefined;
      return this.during(() => undefined); // what was told meanwhile
    });
    return this.#draining;
  }

  #pass(pass: () => void): void {
    if (this.#isHeld || this.#draining) this.#waiting.push(pass);
    else pass();
  }
}
