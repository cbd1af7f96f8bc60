import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';

/**
 * Passes transitions on in their order, but not while a publication is being made: who hears of one secret must find the others of its reading in
 * place too.
 */
export class TransitionQueue implements StateListener {
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;

  constructor(private readonly listener: StateListener) {}

  told(state: SecretState, type: TransitionType, facts: TransitionFacts): void {
    if (this.#isHeld) this.#waiting.push(() => this.listener.told(state, type, facts));
    else this.listener.told(state, type, facts);
  }

  settled(): void {
    if (this.#isHeld) this.#waiting.push(() => this.listener.settled());
    else this.listener.settled();
  }

  /** Keeps back what is told while `work` runs, then passes it on. */
  during(work: () => void): void {
    this.#isHeld = true;
    try {
      work();
    } finally {
      this.#isHeld = false;
      for (const pass of this.#waiting.splice(0)) pass();
    }
  }
}
