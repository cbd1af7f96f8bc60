import { setImmediate } from 'node:timers';
import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import { closedError } from './closed-error.js';
import { anyRules, nameFault, nameRefusal } from '../secret/secret-name.js';
import { isSecretVersion, type SecretVersion } from '../secret/secret-version.js';
import type { ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { Answer } from './answer.js';
import { answerFrom, checkResults } from './answer.js';
import type { SourceCall } from './source-call.js';
import { ReadBatch } from './read-batch.js';

/** What came with one reading. */
export interface ReadResults {
  /** Counts readings of this connection, in the order in which they were begun. */
  readonly reading: number;
  /** On the monotonic clock. */
  readonly arrivedAt: number;
  readonly answers: Iterable<{ readonly state: SecretState; readonly answer: Answer }>;
}

export interface SourceReaderOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  /** Takes all answers of one reading at once. Never rejects. */
  readonly deliver: (results: ReadResults) => Promise<void> | void;
  /** Called after each reading, when its answers have been delivered. */
  readonly onSettled: (states: readonly SecretState[]) => void;
  /** Credentials that came when nobody waited for them any more. */
  readonly onUnwanted: (name: string, given: SecretVersion) => void;
}

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

/** Finds or makes the secret of a name that an enumeration gave; one that has no value there, and that nobody asked for, is not made for its error. */
export type StateOf = (name: string, isThere: boolean) => SecretState | undefined;

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
    const { attempt } = state;
    if (freshness === 'fresh-if-static' && state.isDynamic) return Promise.resolve();
    if (!attempt) return this.#enqueue(state);
    if (attempt.kind === 'reading' && !(freshness !== 'joined' && attempt.started)) return attempt.promise;
    state.enter();
    return attempt.promise.then(() => {
      // Whoever waits here goes on in this turn, and so into one reading.
      const reading = freshness === 'fresh-if-static' && state.isDynamic ? undefined : this.join(state);
      state.leave(); // not before it takes part in the next reading: it could be forgotten
      return reading;
    });
  }

  /** The same for many, most of which share one reading. */
  async joinAll(states: readonly SecretState[], freshness: Freshness = 'joined'): Promise<void> {
    const pending = new Set<Promise<void>>();
    let last: Promise<void> | undefined;
    for (const state of states) {
      const reading = this.join(state, freshness);
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
  async readPath(path: string, stateOf: StateOf): Promise<Enumeration> {
    return this.#enumerate(
      `read path ${path}`,
      (context) => this.options.call.source.readPath!(path, context),
      stateOf,
      [],
    );
  }

  /** No reading begins any more. Resolves when those under way have been delivered. */
  async shut(): Promise<void> {
    this.#isShut = true;
    await Promise.all(this.#underWay);
  }

  #enqueue(state: SecretState): Promise<void> {
    if (this.#isShut) return Promise.resolve();
    let batch = this.#queue.get(state.requested);
    if (!batch) {
      batch = new ReadBatch(this.options.clock.now());
      this.#queue.set(state.requested, batch);
      // The immediate of node:timers, which fake timers leave alone: the end of a turn is no matter of time.
      if (this.#queue.size === 1) setImmediate(() => this.#flush());
    }
    batch.add(state);
    return batch.attempt.promise;
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
    const { call, clock, deliver } = this.options;
    const { states } = batch;
    const reading = ++this.#readings;
    batch.start(clock.now());
    const names = states.map(({ name }) => name);
    const what = nameOfBatch(names.length);
    let results: ReadonlyMap<string, SecretVersion | SecretError> | undefined;
    let failure: SecretError | undefined;
    try {
      const read = (context: ReadContext): ReturnType<typeof call.source.read> => call.source.read(names, context);
      const isAwaited = call.source.revoke !== undefined && states.some((state) => state.isDynamic || !state.wasLoaded);
      const onLate = (late: Awaited<ReturnType<typeof read>>): void => this.#discard(late);
      results = checkResults(await call.run(what, read, { version, isAwaited, onLate }));
    } catch (error) {
      failure = call.translate(error, what);
    }
    const located = (state: SecretState, answer: Answer): Answer =>
      answer.kind === 'value' ? answer : { ...answer, error: call.translate(answer.error, what, state.name) };
    if (failure && this.#isShut) return this.#deliver({ reading, arrivedAt: clock.now(), answers: [] }, batch, deliver);
    const answers = function* (): Generator<{ state: SecretState; answer: Answer }> {
      for (const state of states) {
        // Said of the name alone, "not found" is an answer: there is none. Said of the whole reading (no such app) it is a failure.
        const answer: Answer = failure
          ? { kind: 'failed', error: failure }
          : answerFrom(() => results!.get(state.name), state.requested);
        yield { state, answer: located(state, answer) };
      }
    };
    await this.#deliver({ reading, arrivedAt: clock.now(), answers: answers() }, batch, deliver);
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
    reading: number,
    what: string,
    work: (context: ReadContext) => Promise<ReadonlyMap<string, SecretVersion | SecretError>>,
    stateOf: StateOf,
    due: readonly SecretState[],
  ): Promise<Enumeration> {
    const { call, clock, deliver } = this.options;
    const batch = new ReadBatch(clock.now());
    for (const state of due) if (!state.attempt) batch.add(state);
    batch.start(clock.now());
    const covered = new Set<SecretState>();
    let error: SecretError | undefined;
    let answers: ReadResults['answers'] = [];
    try {
      const all = [...checkResults(await call.run(what, work, { onLate: (late) => this.#discard(late) }))];
      if (all.length > 1_000) await new Promise((resolve) => setImmediate(resolve));
      answers = (function* () {
        for (const [name, result] of all) {
          const answer = answerFrom(() => nameRefusal(name, anyRules) ?? result, undefined);
          const state = typeof name === 'string' ? stateOf(name, answer.kind === 'value') : undefined;
          if (!state) continue;
          covered.add(state);
          yield {
            state,
            answer: answer.kind === 'value' ? answer : { ...answer, error: call.translate(answer.error, what, name) },
          };
        }
      })();
    } catch (thrown) {
      const failure = (error = call.translate(thrown, what));
      if (failure.code !== 'SECRET_ACCESS_DENIED' && !this.#isShut) {
        for (const state of due) covered.add(state);
        answers = due.map((state) => ({
          state,
          answer: { kind: 'failed', error: call.translate(failure, what, state.name) },
        }));
      }
    }
    await this.#deliver({ reading, arrivedAt: clock.now(), answers }, batch, deliver);
    return { covered, ...(error && { error }) };
  }

  async #deliver(results: ReadResults, batch: ReadBatch, deliver: SourceReaderOptions['deliver']): Promise<void> {
    try {
      const delivered = deliver(results);
      if (delivered) await delivered;
    } finally {
      const settled = batch.settle();
      if (settled) await settled;
      this.options.onSettled(batch.states);
    }
  }

  #discard(late: unknown): void {
    if (!(late instanceof Map)) return;
    for (const [name, given] of late as Map<string, unknown>) {
      if (isSecretVersion(given) && given.lease && !nameFault(name, anyRules)) this.options.onUnwanted(name, given);
    }
  }
}
