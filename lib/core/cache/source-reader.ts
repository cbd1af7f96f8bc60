import { setImmediate } from 'node:timers';
import type { SecretError } from '../errors/index.js';
import { closedError } from './closed-error.js';
import { anyRules, nameRefusal } from '../secret/secret-name.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { PathContext, ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import { settledOf, type Attempt } from '../tracking/transitions.js';
import type { Answer } from './answer.js';
import { answerFrom, checkResults } from './answer.js';
import { ReadBatch } from './read-batch.js';
import type { Results, SourceReaderOptions, StateAnswer } from './reading-under-way.js';
import { ReadingUnderWay } from './reading-under-way.js';

/** Which secrets an enumeration has answered, and why it failed where it did. */
export interface Enumeration {
  readonly covered: ReadonlySet<SecretState>;
  readonly error?: SecretError;
}

/**
 * Who may be joined: `joined` any reading; `fresh` none that has begun before; `fresh-if-static` the same, but that a secret which turns out to be a
 * dynamic one is not opened by it.
 */
export type Freshness = 'joined' | 'fresh' | 'fresh-if-static';

/** Finds or makes the secret of a name that an enumeration gave; one that has no value there, and that nobody asked for, is not made for its error, unless it is to be read again. */
export type StateOf = (name: string, answer: Answer) => SecretState | undefined;

const allOf = ({ promise }: Attempt): Promise<void> => promise;

/** Names of a call in its errors; a source that was asked for many is not told of them all. */
const nameOfBatch = (size: number): string => (size === 1 ? 'read' : `read ${size} secrets`);

/**
 * Reads secrets: all that are asked for within one turn of the event loop go into one `source.read`, and who asks for a secret that is being read
 * joins that reading.
 */
export class SourceReader {
  #queue = new Map<string | undefined, ReadBatch>();
  readonly #underWay = new Set<Promise<void>>();
  #readings = 0;
  #isShut = false;

  constructor(private readonly options: SourceReaderOptions) {}

  /** Resolves when the answer has been delivered, good or bad. */
  join(state: SecretState, freshness: Freshness = 'joined'): Promise<void> {
    return this.#join(state, freshness, settledOf);
  }

  /** The same for many, most of which share one reading. */
  async joinAll(states: readonly SecretState[], freshness: Freshness = 'joined'): Promise<void> {
    if (states.length === 1) return this.join(states[0]!, freshness);
    const pending = new Set<Promise<void>>();
    let last: Promise<void> | undefined;
    for (const state of states) {
      const reading = this.#join(state, freshness, allOf);
      if (reading !== last) pending.add((last = reading));
    }
    await Promise.all(pending);
  }

  /**
   * Reads all that the source can enumerate; `stateOf` finds or makes the secret of a name. Those that are due take part, so that readers join.
   * Where the enumeration is denied, nobody is covered, and each is left to be read by name; another failure is the answer to all.
   */
  async readAll(stateOf: StateOf, due: readonly SecretState[]): Promise<Enumeration> {
    return this.#enumerate('read all', (context) => this.options.call.source.readAll!(context), stateOf, due);
  }

  /** The same for all below a path. */
  async readPath(path: string, options: Pick<PathContext, 'recursive'>, stateOf: StateOf): Promise<Enumeration> {
    return this.#enumerate(
      `read path ${path}`,
      (context) => this.options.call.source.readPath!(path, { ...context, ...options }),
      stateOf,
      [],
    );
  }

  /** No reading begins any more. Resolves when those under way have been delivered. */
  async shut(): Promise<void> {
    this.#isShut = true;
    await Promise.all(this.#underWay);
  }

  /** @param settled when the answers that are waited for are there: this secret's, or all that come with it. */
  #join(state: SecretState, freshness: Freshness, settled: typeof settledOf): Promise<void> {
    const { attempt } = state;
    if (freshness === 'fresh-if-static' && state.isDynamic) return Promise.resolve();
    if (!attempt) return this.#enqueue(state, settled);
    if (attempt.kind === 'reading' && !(freshness !== 'joined' && attempt.started)) return settled(attempt, state);
    state.enter();
    return settledOf(attempt, state).then(() => {
      // Whoever waits here goes on in this turn, and so into one reading.
      const reading =
        freshness === 'fresh-if-static' && state.isDynamic ? undefined : this.#join(state, 'joined', settled);
      state.leave(); // not before it takes part in the next reading: it could be forgotten
      return reading;
    });
  }

  #enqueue(state: SecretState, settled: typeof settledOf): Promise<void> {
    if (this.#isShut) return Promise.resolve();
    let batch = this.#queue.get(state.requested);
    if (!batch) {
      batch = new ReadBatch(this.options.clock.now());
      this.#queue.set(state.requested, batch);
      // The immediate of node:timers, which fake timers leave alone: the end of a turn is no matter of time.
      if (this.#queue.size === 1) setImmediate(() => this.#flush());
    }
    batch.add(state);
    return settled(batch.attempt, state);
  }

  #flush(): void {
    const batches = this.#queue;
    this.#queue = new Map();
    for (const [version, batch] of batches) {
      const reading = this.#isShut ? Promise.resolve(batch.settle()) : this.#readBatch(version, batch);
      this.#underWay.add(reading);
      void reading.finally(() => this.#underWay.delete(reading));
    }
  }

  async #readBatch(version: string | undefined, batch: ReadBatch): Promise<void> {
    const { call } = this.options;
    const { states } = batch;
    const number = (this.#readings += 1);
    const reading = this.#begin(batch, number);
    const names = states.map(({ name }) => name);
    // What failed together may have waited in vain for those that a source asks for first: these are others each time.
    if (states.some(({ failure }) => failure)) names.push(...names.splice(0, number % names.length));
    const what = nameOfBatch(names.length);
    const isAwaited = call.source.revoke !== undefined && states.some((state) => state.isDynamic || !state.wasLoaded);
    const located = (state: SecretState, answer: Answer): Answer =>
      answer.kind === 'value' ? answer : { ...answer, error: call.translate(answer.error, what, state.name) };
    let byName: ReadonlyMap<string, SecretState> | undefined;
    const part = function* (results: Results): Iterable<StateAnswer> {
      byName ??= new Map(states.map((state) => [state.name, state]));
      for (const [name, result] of results) {
        const state = byName.get(name);
        if (state)
          yield {
            state,
            answer: located(
              state,
              answerFrom(() => result, state.requested),
            ),
          };
      }
    };
    const read = (context: ReadContext): Promise<Results> => call.source.read(names, context);
    const { early, results, failure } = await reading.run(what, read, part, { version, isAwaited });
    if (failure && this.#isShut) return reading.end(part(early));
    const rest = function* (): Iterable<StateAnswer> {
      for (const state of states) {
        // Said of the name alone, "not found" is an answer: there is none. Said of the whole reading (no such app) it is a failure.
        const answer: Answer =
          failure && !early.has(state.name)
            ? { kind: 'failed', error: failure }
            : answerFrom(() => early.get(state.name) ?? results!.get(state.name), state.requested);
        yield { state, answer: located(state, answer) };
      }
    };
    await reading.end(rest());
  }

  async #enumerate(
    what: string,
    work: (context: ReadContext) => Promise<ReadonlyMap<string, SecretVersion | SecretError>>,
    stateOf: StateOf,
    due: readonly SecretState[],
  ): Promise<Enumeration> {
    const { call } = this.options;
    if (this.#isShut) return { covered: new Set(), error: call.translate(closedError(what), what) };
    const enumerating = this.#enumerateAs(++this.#readings, what, work, stateOf, due);
    const over = enumerating.then(() => undefined);
    this.#underWay.add(over);
    void over.finally(() => this.#underWay.delete(over));
    return enumerating;
  }

  async #enumerateAs(
    number: number,
    what: string,
    work: (context: ReadContext) => Promise<ReadonlyMap<string, SecretVersion | SecretError>>,
    stateOf: StateOf,
    due: readonly SecretState[],
  ): Promise<Enumeration> {
    const { call, clock } = this.options;
    const batch = new ReadBatch(clock.now());
    for (const state of due) if (!state.attempt) batch.add(state);
    const reading = this.#begin(batch, number);
    const isShut = (): boolean => this.#isShut;
    const covered = new Set<SecretState>();
    const part = function* (results: Iterable<readonly [string, unknown]>): Iterable<StateAnswer> {
      for (const [name, result] of results) {
        const answer = answerFrom(() => nameRefusal(name, anyRules) ?? result, undefined);
        const state = typeof name === 'string' ? stateOf(name, answer) : undefined;
        if (!state) continue;
        covered.add(state);
        yield {
          state,
          answer: answer.kind === 'value' ? answer : { ...answer, error: call.translate(answer.error, what, name) },
        };
      }
    };
    // Looked through at once, while what it throws is the reading's failure.
    let listed: (readonly [string, unknown])[] = [];
    const read = async (context: ReadContext): Promise<Results> => {
      const given = checkResults(await work(context));
      listed = [...given];
      return given;
    };
    const { early, results, failure: error } = await reading.run(what, read, part);
    // One answer of each name: two would be two rotations of one.
    const rest = results ? listed : [];
    const all = early.size === 0 ? rest : [...early, ...rest.filter(([name]) => !early.has(name))];
    if (all.length > 1_000) await new Promise((resolve) => setImmediate(resolve));
    // Made as they are delivered, in slices: there may be many.
    const answers = function* (): Iterable<StateAnswer> {
      yield* part(all);
      if (!error || error.code === 'SECRET_ACCESS_DENIED' || isShut()) return;
      for (const state of due) {
        if (covered.has(state)) continue;
        covered.add(state);
        yield { state, answer: { kind: 'failed', error: call.translate(error, what, state.name) } };
      }
    };
    await reading.end(answers());
    return { covered, ...(error && { error }) };
  }

  #begin(batch: ReadBatch, number: number): ReadingUnderWay {
    return new ReadingUnderWay(number, batch, this.options);
  }
}
