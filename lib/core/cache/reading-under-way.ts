import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import type { AskedCall } from '../observe/source-calls.js';
import type { Arrival } from '../secret/arrival.js';
import { nameFault, anyRules } from '../secret/secret-name.js';
import { isSecretVersion, type SecretVersion } from '../secret/secret-version.js';
import type { ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { Answer } from './answer.js';
import { checkResults } from './answer.js';
import { EarlyAnswers } from './early-answers.js';
import type { ReadBatch } from './read-batch.js';
import type { SharedReadings } from './shared-readings.js';
import type { CallOptions, SourceCall } from './source-call.js';

export type Results = ReadonlyMap<string, SecretVersion | SecretError>;

export interface StateAnswer {
  readonly state: SecretState;
  readonly answer: Answer;
  /** When the source gave it, where that was before this reading: it was found in a shared cache. */
  readonly arrival?: Arrival | undefined;
  /** It was read in turn, for all who share a cache. */
  readonly isForAll?: boolean | undefined;
  /** Why the source gave nothing newer, where it was asked. */
  readonly failure?: SecretError | undefined;
  /** Called, in place of failing, where hook or schema rejects it. */
  readonly onRejected?: (() => void) | undefined;
}

/** What came with one reading, or with a part of it. */
export interface ReadResults {
  /** Counts readings of this connection, in the order in which they were begun. */
  readonly reading: number;
  /** In [0, 1), one for all of a reading, whenever they come: what came together comes due together, and what failed together is tried again together. */
  readonly chance: number;
  /** It was this process's turn to read for all who share a cache. */
  readonly isForAll: boolean;
  /** On the monotonic clock. */
  readonly arrivedAt: number;
  readonly answers: Iterable<StateAnswer>;
}

export interface SourceReaderOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  /** Tells when an answer counts as arrived that was asked for then. Times on the monotonic clock. */
  readonly pauses: { arrivalOf(askedAt: number): number };
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Takes the answers of one reading that came at once. Never rejects. */
  readonly deliver: (results: ReadResults) => Promise<void> | void;
  /** Called after each reading, when its answers have been delivered. */
  readonly onSettled: (states: readonly SecretState[]) => void;
  /** Credentials that came when nobody waited for them any more. */
  readonly onUnwanted: (name: string, given: SecretVersion) => void;
  /** Loads what the tiers between memory and source have to do with readings; undefined where there are none. Never rejects. */
  readonly shared?: (() => Promise<SharedReadings | undefined>) | undefined;
  /** Who is asking now, as observers know; none where nobody observes. */
  readonly callers: () => readonly unknown[];
}

/** What is left to deliver when the source is done. */
export interface ReadingEnd {
  /** What it gave before, and was not delivered yet. */
  readonly early: Results;
  readonly results?: Results;
  readonly failure?: SecretError;
}

/** One call of a source that answers many secrets: what comes early is delivered early, and each secret is let go with its answer. */
export class ReadingUnderWay {
  readonly #chance: number;
  /** It is this process's turn to read for all who share a cache. */
  isForAll = false;

  constructor(
    private readonly number: number,
    private readonly batch: ReadBatch,
    private readonly options: SourceReaderOptions,
  ) {
    batch.start(options.clock.now());
    this.#chance = options.random();
  }

  /** @param answers of what the source gave, as far as anybody wants it. */
  async run(
    asked: AskedCall,
    work: (context: ReadContext) => Promise<Results>,
    answers: (results: Results) => Iterable<StateAnswer>,
    options: Pick<CallOptions<Results>, 'version' | 'isAwaited'> = {},
  ): Promise<ReadingEnd> {
    const { call, clock } = this.options;
    const early = new EarlyAnswers(clock, (part) => this.deliverPart([...answers(part)]));
    const onLate = (late: Results): void => this.#discard(late, early.taken);
    try {
      const results = checkResults(await call.run(asked, work, { ...options, deliver: early.add, onLate }));
      return { early: await early.end(), results };
    } catch (error) {
      return { early: await early.end(), failure: call.translate(error, asked.what) };
    }
  }

  /** Delivers the rest; those that were answered before are left alone. */
  async end(answers: Iterable<StateAnswer>): Promise<void> {
    const { batch } = this;
    const rest = function* (): Iterable<StateAnswer> {
      for (const given of answers) if (!batch.hasSettled(given.state)) yield given;
    };
    try {
      await this.#deliver(rest());
    } finally {
      const settled = batch.settle();
      if (settled) await settled;
      this.options.onSettled(batch.states);
    }
  }

  /** Delivers some of the answers, and lets their secrets go, but for those that `isKept` says are still to be asked for. */
  async deliverPart(
    answers: readonly StateAnswer[],
    isKept: (state: SecretState) => boolean = () => false,
  ): Promise<void> {
    try {
      await this.#deliver(answers);
    } finally {
      const states = answers.map(({ state }) => state).filter((state) => !isKept(state));
      const settled = this.batch.settlePart(states);
      if (settled) await settled;
      this.options.onSettled(states);
    }
  }

  /** When its answer counts as come. */
  get arrival(): Arrival {
    const { pauses, clock } = this.options;
    const at = pauses.arrivalOf(this.batch.attempt.since);
    return { at, wall: clock.wall() - (clock.now() - at) };
  }

  #deliver(answers: Iterable<StateAnswer>): Promise<void> | void {
    const { deliver } = this.options;
    const arrivedAt = this.arrival.at;
    return deliver({ reading: this.number, chance: this.#chance, isForAll: this.isForAll, arrivedAt, answers });
  }

  /** Credentials that came when nobody waited for them any more. */
  #discard(late: unknown, taken: ReadonlySet<string>): void {
    if (!(late instanceof Map)) return;
    for (const [name, given] of late as Map<string, unknown>) {
      if (taken.has(name) || !isSecretVersion(given) || !given.lease) continue;
      if (!nameFault(name, anyRules)) this.options.onUnwanted(name, given);
    }
  }
}
