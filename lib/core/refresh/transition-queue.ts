import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';

/**
 * Passes transitions on in their order, but not while a publication is being made: who hears of one secret must find the others of its reading in
 * place too.
 */
export class TransitionQueue implements StateListener {
  readonly #waiting: (() => void)[] = [];
  /** A publication is being made, or what was told during one is being passed on. */
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

  /** Keeps back what is told while `work` runs, then passes it on. Within another one it is that one that passes it on. */
  during(work: () => void): void {
    if (this.#isHeld) return work();
    this.#isHeld = true;
    try {
      work();
    } finally {
      for (let pass = this.#waiting.shift(); pass; pass = this.#waiting.shift()) pass();
      this.#isHeld = false;
    }
  }
}
