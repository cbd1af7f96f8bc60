import { setImmediate } from 'node:timers';
import type { SecretError } from '../errors/index.js';
import { anyRules, nameRefusal } from '../secret/secret-name.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { Answer } from './answer.js';
import { answerFrom, checkResults } from './answer.js';
import { closedError } from './closed-error.js';
import { ReadBatch } from './read-batch.js';
import type { Results, SourceReaderOptions, StateAnswer } from './reading-under-way.js';
import { ReadingUnderWay } from './reading-under-way.js';
import type { SharedEnumeration } from './shared-enumeration.js';
import type { AskedTurn, SharedReadings } from './shared-readings.js';
import type { Wish } from './wish.js';

/** Which secrets an enumeration has answered, and why it failed where it did. */
export interface Enumeration {
  readonly covered: ReadonlySet<SecretState>;
  readonly error?: SecretError;
}

/** Finds or makes the secret of a name that an enumeration gave; one that has no value there, and that nobody asked for, is not made for its error, unless it is to be read again. */
export type StateOf = (name: string, answer: Answer) => SecretState | undefined;

export interface EnumerationOptions {
  /** Stands in errors. */
  readonly operation: 'readAll' | 'readPath';
  readonly what: string;
  readonly work: (context: ReadContext) => Promise<ReadonlyMap<string, SecretVersion | SecretError>>;
  readonly stateOf: StateOf;
  /** They take part, so that readers join. */
  readonly due: readonly SecretState[];
  /** What is wanted of shared caches; undefined where it is not an enumeration of all, which they know nothing of. */
  readonly wish: Wish | undefined;
  readonly isShut: () => boolean;
  /** Who has asked for it, as observers know. */
  readonly callers: readonly unknown[];
}

/** One reading of all that the source can enumerate, or of all below a path. */
export class EnumerationUnderWay {
  readonly #covered = new Set<SecretState>();
  readonly #reading: ReadingUnderWay;
  readonly #batch: ReadBatch;
  #shared: SharedReadings | undefined;
  /** What is to be kept in shared caches. */
  readonly #given: Map<SecretState, Answer> | undefined;

  constructor(
    number: number,
    private readonly options: SourceReaderOptions,
    private readonly asked: EnumerationOptions,
  ) {
    this.#batch = new ReadBatch(options.clock.now());
    for (const state of asked.due) if (!state.attempt) this.#batch.add(state);
    this.#reading = new ReadingUnderWay(number, this.#batch, options);
    if (options.shared) this.#given = new Map();
  }

  async run(): Promise<Enumeration> {
    const { call, clock } = this.options;
    const { wish, stateOf, isShut, what } = this.asked;
    const { shared } = this.options;
    if (shared) this.#shared = await shared(); // who has none goes on in the same turn
    if (!this.#shared || wish === undefined) return this.#askSource();
    const tiers = this.#shared.enumeration(wish, stateOf, isShut);
    const { found, turn } = await tiers.before();
    if (found) {
      for (const state of found.covered) this.#covered.add(state);
      // What is rejected is asked for by its name: the source may have a newer one that will do.
      const onRejected = (state: SecretState) => () => void this.#covered.delete(state);
      await this.#reading.end(found.answers.map((one) => ({ ...one, onRejected: onRejected(one.state) })));
      return { covered: this.#covered };
    }
    if (!turn) {
      await this.#reading.end([]);
      return { covered: this.#covered, error: call.translate(closedError(what), what) };
    }
    this.#batch.start(clock.now());
    this.#reading.isForAll = turn.fence !== undefined;
    return this.#askSource({ tiers, turn });
  }

  async #askSource(shared?: { readonly tiers: SharedEnumeration; readonly turn: AskedTurn }): Promise<Enumeration> {
    const { operation, what, work, due, isShut, callers } = this.asked;
    const { call } = this.options;
    // Looked through at once, while what it throws is the reading's failure.
    let listed: (readonly [string, unknown])[] = [];
    const read = async (context: ReadContext): Promise<Results> => {
      const given = checkResults(await work(context));
      listed = [...given];
      return given;
    };
    const part = (results: Iterable<readonly [string, unknown]>): Iterable<StateAnswer> => this.#part(results);
    const { early, results, failure: error } = await this.#reading.run({ operation, what, callers }, read, part);
    const arrival = this.#reading.arrival;
    // One answer of each name: two would be two rotations of one.
    const rest = results ? listed : [];
    const all = early.size === 0 ? rest : [...early, ...rest.filter(([name]) => !early.has(name))];
    if (all.length > 1_000) await new Promise((resolve) => setImmediate(resolve));
    const standIn = error && !isShut() ? await shared?.tiers.standIn(error, due) : undefined;
    const covered = this.#covered;
    // Made as they are delivered, in slices: there may be many.
    const answers = function* (): Iterable<StateAnswer> {
      yield* part(all);
      for (const answer of standIn?.answers ?? []) {
        if (covered.has(answer.state)) continue;
        covered.add(answer.state);
        yield answer;
      }
      if (!error || error.code === 'SECRET_ACCESS_DENIED' || isShut()) return;
      for (const state of due) {
        if (covered.has(state)) continue;
        covered.add(state);
        yield { state, answer: { kind: 'failed', error: call.translate(error, what, state.name) } };
      }
    };
    await this.#reading.end(answers());
    const given = this.#given ?? new Map<SecretState, Answer>();
    const listing =
      error || !shared ? undefined : [...given].flatMap(([state, { kind }]) => (kind === 'value' ? [state.name] : []));
    this.#shared?.keep(given, arrival, shared?.turn, { listing, failure: error });
    return { covered, ...(error && !standIn && { error }) };
  }

  *#part(results: Iterable<readonly [string, unknown]>): Iterable<StateAnswer> {
    const { what, stateOf } = this.asked;
    const { call } = this.options;
    for (const [name, result] of results) {
      const answer = answerFrom(() => nameRefusal(name, anyRules) ?? result, undefined);
      const state = typeof name === 'string' ? stateOf(name, answer) : undefined;
      if (!state) continue;
      this.#covered.add(state);
      this.#given?.set(state, answer);
      yield {
        state,
        answer: answer.kind === 'value' ? answer : { ...answer, error: call.translate(answer.error, what, name) },
      };
    }
  }
}
