import type { ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { Answer } from './answer.js';
import { answerFrom } from './answer.js';
import type { ReadBatch } from './read-batch.js';
import type { Results, SourceReaderOptions, StateAnswer } from './reading-under-way.js';
import { ReadingUnderWay } from './reading-under-way.js';
import type { AskedTurn, SharedReading } from './shared-readings.js';

/** Names of a call in its errors; a source that was asked for many is not told of them all. */
const nameOfBatch = (size: number): string => (size === 1 ? 'read' : `read ${size} secrets`);

/** One reading of secrets by their names: the shared caches are asked first, where there are some, then the source for what is left. */
export class ReadingByName {
  readonly #reading: ReadingUnderWay;

  constructor(
    private readonly number: number,
    private readonly batch: ReadBatch,
    private readonly version: string | undefined,
    private readonly options: SourceReaderOptions,
    private readonly isShut: () => boolean,
  ) {
    this.#reading = new ReadingUnderWay(number, batch, options);
  }

  /** Resolves when all is delivered, good or bad. */
  async run(): Promise<void> {
    const { batch, isShut } = this;
    const readings = this.options.shared && (await this.options.shared()); // who has none goes on in the same turn
    const shared = readings?.of(batch.wishes, isShut);
    if (!shared) return this.#askSource(batch.states);
    const turn = await shared.before((answers, isKept) => this.#reading.deliverPart(answers, isKept));
    if (!turn) return this.#reading.end([]);
    batch.start(this.options.clock.now());
    this.#reading.isForAll = turn.fence !== undefined;
    return this.#askSource(shared.left, { shared, turn });
  }

  async #askSource(
    states: readonly SecretState[],
    tiers?: { readonly shared: SharedReading; readonly turn: AskedTurn },
  ): Promise<void> {
    const { number, version, isShut } = this;
    const { call } = this.options;
    const names = states.map(({ name }) => name);
    // What failed together may have waited in vain for those that a source asks for first: these are others each time.
    if (states.some(({ failure }) => failure)) names.push(...names.splice(0, number % names.length));
    const what = nameOfBatch(names.length);
    const isAwaited = call.source.revoke !== undefined && states.some((state) => state.isDynamic || !state.wasLoaded);
    const located = (state: SecretState, answer: Answer): Answer =>
      answer.kind === 'value' ? answer : { ...answer, error: call.translate(answer.error, what, state.name) };
    const given: Map<SecretState, Answer> | undefined = tiers && new Map();
    let byName: ReadonlyMap<string, SecretState> | undefined;
    const part = function* (results: Results): Iterable<StateAnswer> {
      byName ??= new Map(states.map((state) => [state.name, state]));
      for (const [name, result] of results) {
        const state = byName.get(name);
        if (!state) continue;
        const answer = answerFrom(() => result, state.requested);
        given?.set(state, answer);
        yield { state, answer: located(state, answer) };
      }
    };
    const read = (context: ReadContext): Promise<Results> => call.source.read(names, context);
    const asked = { operation: 'read', what, names, callers: this.batch.callers } as const;
    const { early, results, failure } = await this.#reading.run(asked, read, part, { version, isAwaited });
    const arrival = this.#reading.arrival;
    if (failure && isShut()) {
      tiers?.turn.done?.(failure);
      return this.#reading.end(part(early));
    }
    const rest = function* (): Iterable<StateAnswer> {
      for (const state of states) {
        // Said only of the name, "not found" is an answer: there is none. Said of the whole reading (no such app) it is a failure.
        const answer: Answer =
          failure && !early.has(state.name)
            ? { kind: 'failed', error: failure }
            : answerFrom(() => early.get(state.name) ?? results!.get(state.name), state.requested);
        if (!failure || early.has(state.name)) given?.set(state, answer);
        yield { state, answer: located(state, answer) };
      }
    };
    if (!tiers) return this.#reading.end(rest());
    const { shared, turn } = tiers;
    await this.#reading.end(await shared.withStandIns([...rest()]));
    shared.keep(given ?? [], arrival, turn, failure);
  }
}
