import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import { isTransient } from '../errors/transient.js';
import type { Arrival } from '../secret/arrival.js';
import type { Turn } from '../shared/shared-cache.js';
import type { SharedEntry } from '../shared/shared-entry.js';
import type { Found, SharedTiers } from '../shared/shared-tiers.js';
import { PATIENCE } from '../shared/shared-tiers.js';
import type { Slot } from '../shared/slot.js';
import type { RefreshPolicies } from '../tracking/policy.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { Answer } from './answer.js';
import { isDenied } from './answer.js';
import type { StateOf } from './enumeration-under-way.js';
import type { StateAnswer } from './reading-under-way.js';
import { SharedEnumeration } from './shared-enumeration.js';
import { SharedJudgement } from './shared-judgement.js';
import { turnReasonOf, type Wish } from './wish.js';

export interface SharedReadingsOptions {
  readonly tiers: SharedTiers;
  readonly policies: RefreshPolicies;
  readonly clock: Clock;
  /** Milliseconds that one process waits for another that asks the source. */
  readonly timeout: number;
}

/** Delivers answers, and lets go all secrets but those that `isKept`. */
export type DeliverPart = (
  answers: readonly StateAnswer[],
  isKept: (state: SecretState) => boolean,
) => Promise<void> | void;

export type AskedTurn = Pick<Turn, 'fence' | 'done'>;

export interface KeepOptions {
  /** True where a tier holds something of it, also where this process has never had a value. */
  readonly isStored?: ((state: SecretState) => boolean) | undefined;
  /** The names of an enumeration. */
  readonly listing?: readonly string[] | undefined;
  /** Of the source as a whole. */
  readonly failure?: SecretError | undefined;
}

/** What the tiers between memory and source have to do with readings: they answer before the source, stand in for it, and are told what it said. */
export class SharedReadings {
  readonly judgement: SharedJudgement;
  readonly tiers: SharedTiers;
  readonly clock: Clock;
  /** Readings that wait for another process, by the slots that they wait for. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(private readonly options: SharedReadingsOptions) {
    this.tiers = options.tiers;
    this.clock = options.clock;
    this.judgement = new SharedJudgement(options.policies, options.clock, () => options.tiers.takesTurns);
  }

  of(wishes: ReadonlyMap<SecretState, Wish>, isOver: () => boolean): SharedReading {
    return new SharedReading(this, wishes, isOver);
  }

  enumeration(wish: Wish, stateOf: StateOf, isOver: () => boolean): SharedEnumeration {
    return new SharedEnumeration(this, wish, stateOf, isOver);
  }

  /**
   * Looks at the tiers until they have what is wanted, or it is this process's turn to ask the source, or another one has taken too long with that.
   * @param look gives what is left to be asked for; nothing where that is all. `isFollowed` after another process has had its turn.
   */
  async turn(
    look: (isFollowed: boolean) => Promise<readonly Slot[]>,
    reason: () => ReturnType<typeof turnReasonOf>,
    isOver: () => boolean,
  ): Promise<AskedTurn | undefined> {
    const { clock, timeout } = this.options;
    const until = clock.now() + timeout;
    for (let isFollowed = false; ; isFollowed = true) {
      const left = await look(isFollowed);
      if (left.length === 0 || isOver()) return undefined;
      const news = this.#newsOf(left);
      const turn = await this.tiers.takeTurn(reason(), left);
      const isWaiting = !turn.asks && clock.now() < until;
      if (isWaiting) await clock.sleep(turn.lookAgainIn, news.signal);
      news.end();
      if (!isWaiting) return turn;
    }
  }

  /** Another process has put these: who waits for one of them looks at once. */
  wake(slots: readonly Slot[]): void {
    for (const { key } of this.#waiting.size > 0 ? slots : []) for (const wake of this.#waiting.get(key) ?? []) wake();
  }

  /** What stands in for a source that has failed: of each secret that there is one for. */
  async standIns(failures: ReadonlyMap<SecretState, SecretError>): Promise<ReadonlyMap<SecretState, StateAnswer>> {
    const slots = new Map([...failures.keys()].map((state) => [this.slotOf(state), state]));
    const standIns = new Map<SecretState, StateAnswer>();
    if (slots.size === 0) return standIns;
    for (const [slot, found] of await this.tiers.find([...slots.keys()], PATIENCE.last)) {
      const state = slots.get(slot)!;
      const answer = this.judgement.standIn(state, found, failures.get(state)!);
      if (!answer) continue;
      this.judgement.hold(state, found.entry);
      standIns.set(state, answer);
    }
    return standIns;
  }

  /** Hands on what the source has said. Nobody waits for it. */
  keep(
    answers: Iterable<readonly [SecretState, Answer]>,
    { wall: at }: Arrival,
    turn: AskedTurn = {},
    { isStored, listing, failure }: KeepOptions = {},
  ): void {
    const kept = { at, ...(turn.fence !== undefined && { fence: turn.fence }) };
    const entries: [Slot, SharedEntry][] = [];
    if (listing) entries.push([this.tiers.listing, { kind: 'listing', ...kept, names: listing }]);
    for (const [state, answer] of answers) {
      // Of a name that nobody has had a value of there is nothing to take back: whoever makes up names fills no disk.
      const isKnown = state.wasLoaded || isStored?.(state) === true;
      const entry = isKnown || answer.kind === 'value' ? entryOf(answer, kept) : undefined;
      if (!entry) continue;
      this.judgement.hold(state, kept);
      entries.push([this.slotOf(state), entry]);
    }
    const put = this.tiers.put(entries);
    void put.then(() => turn.done?.(failure)).catch(() => undefined);
  }

  slotOf({ name, requested }: SecretState): Slot {
    return this.tiers.slotOf(name, requested);
  }

  /** A signal for when another process has put any of these, until `end` is called. */
  #newsOf(slots: readonly Slot[]): { readonly signal: AbortSignal; end(): void } {
    const news = new AbortController();
    const wake = (): void => news.abort();
    for (const { key } of slots) this.#waiting.set(key, (this.#waiting.get(key) ?? new Set()).add(wake));
    const end = (): void => {
      for (const { key } of slots) {
        const wakers = this.#waiting.get(key);
        wakers?.delete(wake);
        if (wakers?.size === 0) this.#waiting.delete(key);
      }
    };
    return { signal: news.signal, end };
  }
}

/** One reading by names, as far as the tiers have to do with it. */
export class SharedReading {
  readonly #slots: Map<SecretState, Slot>;
  readonly #wishes: Map<SecretState, Wish>;
  readonly #stored = new Set<SecretState>();

  constructor(
    private readonly shared: SharedReadings,
    wishes: ReadonlyMap<SecretState, Wish>,
    private readonly isOver: () => boolean,
  ) {
    this.#wishes = new Map(wishes);
    this.#slots = new Map([...wishes.keys()].map((state) => [state, shared.slotOf(state)]));
  }

  /** Delivers what the tiers have. Resolves with the turn to ask the source for the `left`; undefined where nothing is left. */
  async before(deliver: DeliverPart): Promise<AskedTurn | undefined> {
    const since = this.shared.clock.wall();
    return this.shared.turn(
      async (isFollowed) => {
        await this.#look(isFollowed, since, deliver);
        return this.left.map((state) => this.#slots.get(state)!);
      },
      () => turnReasonOf([...this.#wishes.values()]),
      this.isOver,
    );
  }

  /** Those that nobody has answered yet. */
  get left(): SecretState[] {
    return [...this.#wishes.keys()];
  }

  /** The same answers, with what stands in for those that failed. */
  async withStandIns(answers: readonly StateAnswer[]): Promise<readonly StateAnswer[]> {
    const failures = new Map<SecretState, SecretError>();
    for (const { state, answer } of answers) {
      if (answer.kind === 'failed' && isTransient(answer.error)) failures.set(state, answer.error);
    }
    const standIns = await this.shared.standIns(failures);
    return standIns.size === 0 ? answers : answers.map((one) => standIns.get(one.state) ?? one);
  }

  /** Hands on what the source has said. Nobody waits for it. */
  keep(
    answers: Iterable<readonly [SecretState, Answer]>,
    arrival: Arrival,
    turn: AskedTurn,
    failure: SecretError | undefined,
  ): void {
    const isStored = (state: SecretState): boolean => this.#stored.has(state);
    this.shared.keep(answers, arrival, turn, { isStored, failure });
  }

  async #look(isFollowed: boolean, since: number, deliver: DeliverPart): Promise<void> {
    const { tiers, judgement } = this.shared;
    const wanted = new Map<Slot, SecretState>();
    for (const [state, wish] of this.#wishes) {
      if (wish !== 'forced' && (isFollowed || wish !== 'announced')) wanted.set(this.#slots.get(state)!, state);
    }
    // It is there, as another process has read it: to look a little longer is better than to read it once more.
    const patience = isFollowed ? PATIENCE.last : PATIENCE.first;
    const found = wanted.size > 0 ? await tiers.find([...wanted.keys()], patience) : new Map<Slot, Found>();
    const rejected = new Set<SecretState>();
    const answers: StateAnswer[] = [];
    for (const [slot, one] of found) {
      const state = wanted.get(slot)!;
      const wish = this.#wishes.get(state)!;
      this.#stored.add(state);
      const answer = judgement.answer({ state, wish, isFollowed, since }, one);
      if (!answer) continue;
      // Another release may have put it, and the source may have a newer one that will do.
      answers.push({ ...answer, onRejected: () => rejected.add(state) });
      judgement.hold(state, one.entry);
    }
    if (answers.length > 0) await deliver(answers, (state) => rejected.has(state));
    for (const { state } of answers) this.#wishes.delete(state);
    for (const state of rejected) this.#wishes.set(state, 'forced');
    for (const [state, wish] of this.#wishes) if (wish === 'told') this.#wishes.delete(state);
  }
}

/** What is kept of an answer; undefined where it says nothing of the secret. */
function entryOf(answer: Answer, kept: Pick<SharedEntry, 'at' | 'fence'>): SharedEntry | undefined {
  if (answer.kind === 'value') {
    const { given } = answer;
    return { kind: 'value', ...kept, given, ...(given.lease && { endsAt: kept.at + given.lease.duration }) };
  }
  if (answer.kind === 'absent') return { kind: 'gone', ...kept, reason: answer.error.reason };
  return isDenied(answer) ? { kind: 'denied', ...kept, reason: answer.error.reason } : undefined;
}
