import { hideInOutput } from '../../core/redaction.js';
import type { OptionsOutcome } from './options-outcome.js';

/**
 * Where the options of one app's connection arrive. What needs them waits here, unseen by Nest: options that wait for themselves are told by our own look
 * at the container (options-dependencies.ts), in the same words on each version, where Nest 12 would say what it sees of it, and Nest 11 nothing.
 */
export class OptionsArrival {
  readonly outcome: Promise<OptionsOutcome>;
  #arrive!: (outcome: OptionsOutcome) => void;

  constructor() {
    this.outcome = new Promise((resolve) => (this.#arrive = resolve));
  }

  arrive(outcome: OptionsOutcome): OptionsOutcome {
    this.#arrive(outcome);
    return outcome;
  }

  static {
    hideInOutput(OptionsArrival.prototype, () => '[options of HcpVaultModule]');
  }
}
