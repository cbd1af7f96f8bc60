import { setImmediate } from 'node:timers';
import { outsideOfRequests } from '../own-context.js';
import type { PathContext, ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import { settledOf, type Attempt } from '../tracking/transitions.js';
import { closedError } from './closed-error.js';
import type { Enumeration, EnumerationOptions, StateOf } from './enumeration-under-way.js';
import { EnumerationUnderWay } from './enumeration-under-way.js';
import { ReadBatch } from './read-batch.js';
import { ReadingByName } from './reading-by-name.js';
import type { Results, SourceReaderOptions } from './reading-under-way.js';
import { type Freshness, isForStatic, wishOf, type Wish } from './wish.js';

const allOf = ({ promise }: Attempt): Promise<void> => promise;

/**
 * Reads secrets: all that are asked for within one turn of the event loop go into one `source.read`, and who asks for a secret that is being read
 * joins that reading.
 */
export class SourceReader {
  #queue = new Map<string | undefined, ReadBatch>();
  readonly #underWay = new Set<Promise<void>>();
  #readings = 0;
  #isShut = false;
  readonly #shut = (): boolean => this.#isShut;

  constructor(private readonly options: SourceReaderOptions) {}

  /** Resolves when the answer has been delivered, good or bad. */
  join(
    state: SecretState,
    freshness: Freshness = 'joined',
    wish = wishOf(freshness, state),
    settled = settledOf,
  ): Promise<void> {
    return this.#join(state, freshness, settled, wish);
  }

  /** The same for many, most of which share one reading. */
  async joinAll(states: readonly SecretState[], freshness: Freshness = 'joined'): Promise<void> {
    if (states.length === 1) return this.join(states[0]!, freshness);
    const pending = new Set<Promise<void>>();
    let last: Promise<void> | undefined;
    for (const state of states) {
      const reading = this.#join(state, freshness, allOf, wishOf(freshness, state));
      if (reading !== last) pending.add((last = reading));
    }
    await Promise.all(pending);
  }

  /**
   * Reads all that the source can enumerate; `stateOf` finds or makes the secret of a name. Those that are due take part, so that readers join.
   * Where the enumeration is denied, nobody is covered, and each is left to be read by name; another failure is the answer to all.
   */
  async readAll(stateOf: StateOf, due: readonly SecretState[], wish: Wish): Promise<Enumeration> {
    const work = (context: ReadContext): Promise<Results> => this.options.call.source.readAll!(context);
    return this.#enumerate({ operation: 'readAll', what: 'read all', work, stateOf, due, wish });
  }

  /** The same for all below a path. */
  async readPath(path: string, options: Pick<PathContext, 'recursive'>, stateOf: StateOf): Promise<Enumeration> {
    const work = (context: ReadContext): Promise<Results> =>
      this.options.call.source.readPath!(path, { ...context, ...options });
    return this.#enumerate({
      operation: 'readPath',
      what: `read path ${path}`,
      work,
      stateOf,
      due: [],
      wish: undefined,
    });
  }

  /** No reading begins any more. Resolves when those under way have been delivered. */
  async shut(): Promise<void> {
    this.#isShut = true;
    await Promise.all(this.#underWay);
  }

  /** @param settled when the answers that are waited for are there: this secret's, or all that come with it. */
  #join(state: SecretState, freshness: Freshness, settled: typeof settledOf, wish: Wish): Promise<void> {
    const { attempt } = state;
    if (isForStatic(freshness) && state.isDynamic) return Promise.resolve();
    if (!attempt) return this.#enqueue(state, settled, wish);
    if (attempt.kind === 'reading' && !(freshness !== 'joined' && attempt.started)) {
      if (!attempt.started) this.#want(this.#queue.get(state.requested), state, wish);
      return settled(attempt, state);
    }
    state.enter();
    return settledOf(attempt, state).then(() => {
      // Whoever waits here goes on in this turn, and so into one reading.
      const reading =
        isForStatic(freshness) && state.isDynamic ? undefined : this.#join(state, 'joined', settled, wish);
      state.leave(); // not before it takes part in the next reading: it could be forgotten
      return reading;
    });
  }

  #enqueue(state: SecretState, settled: typeof settledOf, wish: Wish): Promise<void> {
    if (this.#isShut) return Promise.resolve();
    let batch = this.#queue.get(state.requested);
    if (!batch) {
      batch = new ReadBatch(this.options.clock.now());
      this.#queue.set(state.requested, batch);
      // The immediate of node:timers, which fake timers leave alone: the end of a turn is not a matter of time.
      if (this.#queue.size === 1) outsideOfRequests(() => setImmediate(() => this.#flush()));
    }
    batch.add(state);
    this.#want(batch, state, wish);
    return settled(batch.attempt, state);
  }

  #want(batch: ReadBatch | undefined, state: SecretState, wish: Wish): void {
    batch?.calledBy(this.options.callers);
    if (this.options.shared) batch?.want(state, wish);
  }

  #flush(): void {
    const batches = this.#queue;
    this.#queue = new Map();
    for (const [version, batch] of batches) {
      const reading = this.#isShut ? Promise.resolve(batch.settle()) : this.#read(version, batch);
      this.#underWay.add(reading);
      void reading.finally(() => this.#underWay.delete(reading));
    }
  }

  #read(version: string | undefined, batch: ReadBatch): Promise<void> {
    const number = (this.#readings += 1);
    return new ReadingByName(number, batch, version, this.options, this.#shut).run();
  }

  async #enumerate(asked: Omit<EnumerationOptions, 'isShut' | 'callers'>): Promise<Enumeration> {
    const { call } = this.options;
    const { what } = asked;
    if (this.#isShut) return { covered: new Set(), error: call.translate(closedError(what), what) };
    const number = (this.#readings += 1);
    const here = { isShut: this.#shut, callers: this.options.callers() };
    const reading = new EnumerationUnderWay(number, this.options, { ...asked, ...here });
    const enumerating = outsideOfRequests(() => reading.run());
    const over = enumerating.then(() => undefined);
    this.#underWay.add(over);
    void over.finally(() => this.#underWay.delete(over));
    return enumerating;
  }
}
