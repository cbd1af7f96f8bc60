import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../cache/answer.js';
import type { ReadResults } from '../cache/source-reader.js';
import type { Validated, ValueValidation } from '../cache/value-validation.js';
import type { SecretError } from '../errors/index.js';
import { SecretConfigurationError } from '../errors/index.js';
import type { SecretVersion } from '../secret/secret-version.js';
import { haveSameValue } from '../secret/secret-version.js';
import type { PreparedValue } from '../store/live-secret.js';
import type { LiveStore } from '../store/live-store.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { GoodAnswer, ReplacedLease } from '../tracking/state-context.js';
import { inSlices } from '../turn-slices.js';
import type { ReplacedLeases } from './replaced-leases.js';
import type { TransitionQueue } from './transition-queue.js';

export interface ReadResultHandlerOptions {
  readonly store: LiveStore;
  readonly validation: ValueValidation;
  readonly random: () => number;
  readonly transitions: TransitionQueue;
  readonly replacedLeases: ReplacedLeases;
}

interface Accepted {
  readonly state: SecretState;
  readonly answer: GoodAnswer;
  readonly prepared: PreparedValue;
}

/**
 * Turns the answers of one reading into transitions. What is costly (validating, freezing, looking up fields) is done in slices before; all new
 * values are then published in one step.
 */
export class ReadResultHandler {
  constructor(private readonly options: ReadResultHandlerOptions) {}

  /** Gives a promise only where it took more than a turn, or a hook or schema is async. Never rejects. */
  deliver(results: ReadResults): Promise<void> | undefined {
    const accepted: Accepted[] = [];
    const validating: Promise<void>[] = [];
    const { reading, arrivedAt } = results;
    const random = this.options.random(); // one for the batch: what came together comes due together
    const slices = inSlices(results.answers, ({ state, answer }) => {
      try {
        const pending = this.#take(state, answer, { reading, arrivedAt, random }, accepted);
        if (pending) validating.push(pending);
      } catch (error) {
        this.#fail(state, unreadable(state, error), arrivedAt);
      }
    });
    if (!slices && validating.length === 0) return this.#publish(accepted);
    return (slices ?? Promise.resolve()).then(() => Promise.all(validating)).then(() => this.#publish(accepted));
  }

  #take(
    state: SecretState,
    answer: Answer,
    reading: Omit<GoodAnswer, 'given'>,
    accepted: Accepted[],
  ): Promise<void> | undefined {
    if (!state.takes(reading.reading)) {
      this.#discard(state, answer); // an older reading that took longer
    } else if (answer.kind === 'absent') {
      state.absent(answer.error, reading.arrivedAt, reading.reading);
    } else if (answer.kind === 'failed') {
      this.#fail(state, answer.error, reading.arrivedAt);
    } else {
      return this.#validate(state, { ...reading, given: answer.given }, accepted);
    }
    return undefined;
  }

  #validate(state: SecretState, answer: GoodAnswer, accepted: Accepted[]): Promise<void> | undefined {
    const { given } = answer;
    const { facts } = state;
    if (facts && haveSameValue(facts.given, given)) return this.#confirm(state, answer);
    const settle = (validated: Validated): void => {
      if ('rejected' in validated) {
        this.#fail(state, validated.rejected, answer.arrivedAt);
        this.#discard(state, { kind: 'value', given });
      } else if (state.facts && isDeepStrictEqual(state.live.current?.value, validated.accepted)) {
        this.#confirm(state, answer);
      } else {
        accepted.push({ state, answer, prepared: state.live.prepare(validated.accepted) });
      }
    };
    const validated = this.options.validation.validate(state, given.value);
    if (!(validated instanceof Promise)) return void settle(validated);
    return validated.then(settle).catch((error: unknown) => {
      this.#fail(state, unreadable(state, error), answer.arrivedAt);
    });
  }

  #confirm(state: SecretState, answer: GoodAnswer): undefined {
    if (!state.takes(answer.reading)) return;
    const replaced = state.confirm(answer);
    if (replaced) this.options.replacedLeases.add(state, replaced);
  }

  #publish(accepted: readonly Accepted[]): Promise<void> | undefined {
    const { store, transitions, replacedLeases } = this.options;
    const replaced: { readonly state: SecretState; readonly lease: ReplacedLease }[] = [];
    const telling = transitions.during(() => {
      const publication = store.publication();
      for (const { state, answer, prepared } of accepted) {
        if (!state.takes(answer.reading)) {
          this.#discard(state, { kind: 'value', given: answer.given });
          continue;
        }
        const lease = state.load(answer, prepared, publication);
        if (lease) replaced.push({ state, lease });
      }
      publication.flush();
    });
    for (const { state, lease } of replaced) replacedLeases.add(state, lease);
    transitions.settled();
    return telling;
  }

  #fail(state: SecretState, error: SecretError, arrivedAt: number): void {
    state.fail(error, arrivedAt);
  }

  #discard(state: SecretState, answer: Answer | { kind: 'value'; given: SecretVersion }): void {
    const lease = answer.kind === 'value' ? answer.given.lease : undefined;
    if (lease && lease !== state.facts?.lease) this.options.replacedLeases.discard(state, lease);
  }
}

function unreadable({ name }: SecretState, cause: unknown): SecretError {
  return new SecretConfigurationError("its value can't be read.", { secretName: name, cause });
}
