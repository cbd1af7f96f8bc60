import type { SourceCall } from '../cache/source-call.js';
import type { ReadResults, StateAnswer } from '../cache/reading-under-way.js';
import type { Rejected, Validated, ValueValidation } from '../cache/value-validation.js';
import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import { SecretConfigurationError } from '../errors/index.js';
import type { Observations } from '../observe/observations.js';
import { observedSecret } from '../observe/observed-secret.js';
import type { SecretVersion } from '../secret/secret-version.js';
import { haveSameValue } from '../secret/secret-version.js';
import type { LiveStore } from '../store/live-store.js';
import type { PreparedValue } from '../store/prepared-value.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { GoodAnswer, Load, Reading } from '../tracking/state-context.js';
import { inSlices } from '../turn-slices.js';
import type { ReplacedLeases } from './replaced-leases.js';
import type { TransitionQueue } from './transition-queue.js';
import { isSameValue } from '../secret/same-value.js';

export interface ReadResultHandlerOptions {
  readonly call: SourceCall;
  readonly store: LiveStore;
  readonly validation: ValueValidation;
  readonly clock: Clock;
  readonly transitions: TransitionQueue;
  readonly replacedLeases: ReplacedLeases;
  readonly observations: Observations;
  readonly sourceKind: string;
}

interface Accepted {
  readonly state: SecretState;
  readonly load: Load;
  /** Why the source gave nothing newer. */
  readonly failure: SecretError | undefined;
}

const unfinished = ({ given, reading }: GoodAnswer, prepared: PreparedValue): Load => ({
  given,
  reading,
  prepared,
  type: undefined,
  previousVersion: undefined,
  previousCreatedAt: undefined,
  hasRecovered: false,
  replaced: undefined,
});

/**
 * Turns the answers of one reading into transitions. What is costly (validating, freezing, looking up fields) is done in slices before; all new
 * values are then published in one step; what follows from that, but for readers, is done in slices again.
 */
export class ReadResultHandler {
  constructor(private readonly options: ReadResultHandlerOptions) {}

  /** Gives a promise only where it took more than a turn, or a hook or schema is async. Never rejects. */
  deliver({
    reading: number,
    chance: random,
    isForAll,
    arrivedAt: at,
    answers,
  }: ReadResults): Promise<void> | undefined {
    const { clock } = this.options;
    const now = clock.now();
    const accepted: Accepted[] = [];
    const validating: Promise<void>[] = [];
    const latest = at < now ? now : undefined;
    const reading: Reading = { number, at, latest, wall: clock.wall() - (now - at), random, isForAll };
    const taking = inSlices(answers, (given) => {
      try {
        const pending = this.#take(given, reading, accepted);
        if (pending) validating.push(pending);
      } catch (error) {
        given.state.fail(unreadable(given.state, error), reading);
      }
    });
    if (!taking && validating.length === 0) return this.#publish(accepted);
    return (taking ?? Promise.resolve()).then(() => Promise.all(validating)).then(() => this.#publish(accepted));
  }

  #take(given: StateAnswer, reading: Reading, accepted: Accepted[]): Promise<void> | undefined {
    const { state, answer, arrival } = given;
    // An older reading that took longer.
    if (!state.takes(reading.number)) return void (answer.kind === 'value' && this.#discard(state, answer.given));
    if (answer.kind === 'absent') return void state.absent(answer.error, reading);
    if (answer.kind === 'failed') return void state.fail(answer.error, reading);
    // What was found in a shared cache has the times of when its source gave it.
    const own = arrival
      ? { ...reading, ...arrival, isForAll: given.isForAll, foundAt: { at: reading.at, wall: reading.wall } }
      : reading;
    return this.#validate(given, { reading: own, given: this.options.call.named(state.name, answer.given) }, accepted);
  }

  #validate(source: StateAnswer, answer: GoodAnswer, accepted: Accepted[]): Promise<void> | undefined {
    const { state, failure, onRejected } = source;
    const { given, reading } = answer;
    const { facts } = state;
    if (facts && haveSameValue(facts.given, given)) return this.#confirm(state, answer, failure);
    const settle = (validated: Validated): void => {
      if ('rejected' in validated) {
        if (onRejected) return onRejected();
        state.fail(failure ?? validated.rejected, reading);
        this.#refused(state, given, validated);
        this.#discard(state, given);
      } else if (state.facts && isSameValue(state.live.current?.value, validated.accepted)) {
        this.#confirm(state, answer, failure);
      } else {
        const prepared = state.live.prepare(validated.accepted, given.version, reading);
        accepted.push({ state, load: unfinished(answer, prepared), failure });
      }
    };
    const validated = this.options.validation.validate(state, given.value);
    if (!(validated instanceof Promise)) return void settle(validated);
    return validated.then(settle).catch((error: unknown) => {
      state.fail(unreadable(state, error), reading);
    });
  }

  #confirm(state: SecretState, answer: GoodAnswer, failure: SecretError | undefined): undefined {
    if (!state.takes(answer.reading.number)) return;
    const replaced = state.confirm(answer);
    if (replaced) this.options.replacedLeases.add(state, replaced);
    if (failure) state.fail(failure, answer.reading);
  }

  #publish(accepted: readonly Accepted[]): Promise<void> | undefined {
    const { store, transitions, replacedLeases } = this.options;
    transitions.during(() => {
      const publication = store.publication();
      for (const { state, load } of accepted) {
        if (state.takes(load.reading.number)) state.load(load, publication);
      }
      publication.flush();
    });
    const finishing = inSlices(accepted, ({ state, load, failure }) => {
      if (!load.type) return this.#discard(state, load.given); // a newer answer came while this one was validated
      state.finishLoad(load);
      if (load.replaced) replacedLeases.add(state, load.replaced);
      if (failure) state.fail(failure, load.reading);
    });
    if (!finishing) return void transitions.settled();
    return finishing.then(() => transitions.settled());
  }

  #refused({ live }: SecretState, { version }: SecretVersion, { rejected, by }: Rejected): void {
    const { observations, sourceKind } = this.options;
    observations.tell('valueRefused', () => ({
      ...observedSecret(live, sourceKind),
      version,
      by,
      code: rejected.code,
    }));
  }

  /** What was found in a shared cache belongs to the process that opened it. */
  #discard(state: SecretState, { lease, origin }: SecretVersion): void {
    if (lease && !origin && lease !== state.facts?.lease) this.options.replacedLeases.discard(state, lease);
  }
}

function unreadable({ name }: SecretState, cause: unknown): SecretError {
  return new SecretConfigurationError("its value can't be read.", { secretName: name, cause });
}
