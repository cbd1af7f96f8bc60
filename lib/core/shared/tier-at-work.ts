import { setImmediate } from 'node:timers';
import { backoffDelay } from '../backoff.js';
import type { CancelTimer, Clock } from '../clock.js';
import { hideInOutput } from '../redaction.js';
import { PutQueue } from './put-queue.js';
import type {
  SharedCache,
  SharedChange,
  SharedListener,
  SharedNews,
  SharedTier,
  Turn,
  TurnReason,
} from './shared-cache.js';
import type { SharedEntry } from './shared-entry.js';
import type { Slot } from './slot.js';

export interface TierOptions {
  readonly connection: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told once of each kind of trouble, until it is over. */
  readonly tell: (kind: string, news: SharedNews) => void;
  readonly listener: SharedListener;
}

/** Milliseconds: for deriving keys and connecting; for one call that readers wait for; for writing; for the last writing, when the app goes down. */
const OPENING = 5_000;
const ANSWERING = 2_000;
const WRITING = 30_000;
const CLOSING = 2_000;
/** A tier that fails is left alone for so long, milliseconds. */
const REST = { base: 1_000, factor: 2, max: 30_000, least: 500 };

const NOTHING: ReadonlyMap<Slot, SharedEntry> = new Map();

/** One shared cache at work for one connection: each call is bounded in time, and nothing that it does, or does not do, reaches a reader. */
export class TierAtWork {
  readonly kind: string;
  readonly #queue: PutQueue;
  readonly #told = new Set<string>();
  #tier: SharedTier | undefined;
  #opening: Promise<void> | undefined;
  #failures = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #unsubscribe: (() => void) | undefined;
  #isClosed = false;

  constructor(
    private readonly cache: SharedCache,
    private readonly options: TierOptions,
  ) {
    this.kind = cache.kind;
    this.#queue = new PutQueue(options.clock, (entries, removed) => this.#write(entries, removed));
  }

  /** Undefined until it is open. */
  get tier(): SharedTier | undefined {
    return this.#tier;
  }

  /** Resolves when it can be asked, or when that has failed or takes too long. Never rejects. */
  open(): Promise<void> {
    if (this.#tier || this.#isClosed || this.#isResting) return Promise.resolve();
    return (this.#opening ??= this.#within(OPENING, this.#open()).then(() => undefined));
  }

  /** What it holds; nothing where it fails. @param patience milliseconds. */
  async get(slots: readonly Slot[], patience: number): Promise<ReadonlyMap<Slot, SharedEntry>> {
    await this.open();
    const tier = this.#tier;
    if (!tier || this.#isResting || this.#isClosed) return NOTHING;
    const answer = this.#tried('can not be read', ANSWERING, () => tier.get(slots));
    return (await this.#within(patience, answer)) ?? NOTHING;
  }

  /** Hands entries on, when there is time; `undefined` removes what is stored. Resolves when that is done, well or badly. */
  put(entries: Iterable<readonly [Slot, SharedEntry | undefined]>): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return this.#queue.add(entries);
  }

  announce(changes: readonly SharedChange[]): void {
    const tier = this.#tier;
    if (!tier?.announce || this.#isClosed) return;
    // Who hears of it looks here first: what this process has read is to be there.
    const tell = (): Promise<void> => tier.announce!(changes);
    void this.#queue.settled().then(() => this.#tried('can not be told of a change', ANSWERING, tell));
  }

  /** Undefined where it has no say in who asks the source, or can't be asked. */
  async takeTurn(reason: TurnReason, slots: readonly Slot[]): Promise<Turn | undefined> {
    const tier = this.#tier;
    if (!tier?.takeTurn || this.#isResting || this.#isClosed) return undefined;
    return this.#tried('can not say who asks the source', ANSWERING, () => tier.takeTurn!(reason, slots));
  }

  /** Writes what is waiting, within a bound, and closes. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#within(CLOSING, this.#queue.end());
    this.#isClosed = true;
    try {
      this.#unsubscribe?.();
    } catch {
      // It is not heard any more in any case.
    }
    const tier = this.#tier;
    this.#tier = undefined;
    if (tier)
      await this.#within(
        CLOSING,
        Promise.resolve().then(() => tier.close()),
      );
  }

  /** News of the tier's own, or of a call that failed. */
  tell(news: SharedNews): void {
    if (news.type === 'restored') {
      const wasFailing = [...this.#told].filter((said) => said.startsWith('failed'));
      for (const said of wasFailing) this.#told.delete(said);
      if (wasFailing.length > 0) this.options.tell(this.kind, news);
      return;
    }
    // One line of a failure, whatever fails first; one of each kind of what was refused.
    const said = news.type === 'failed' ? 'failed' : `${news.type} ${news.reason}`;
    if (this.#told.has(said)) return;
    this.#told.add(said);
    this.options.tell(this.kind, news);
  }

  get #isResting(): boolean {
    return this.options.clock.now() < this.#restsUntil;
  }

  async #open(): Promise<void> {
    const { connection, clock, listener } = this.options;
    const scope = { connection, clock, tell: (news: SharedNews) => this.tell(news) };
    const tier = await this.#tried('can not be opened', Number.POSITIVE_INFINITY, () => this.cache.open(scope));
    this.#opening = undefined;
    if (!tier) return;
    if (this.#isClosed) return void tier.close().catch(() => undefined);
    this.#tier = tier;
    try {
      this.#unsubscribe = tier.subscribe?.(this.#heard(listener));
    } catch (cause) {
      this.#failed('can not be listened to', cause);
    }
  }

  /** Whether it is heard is told here, as all that goes wrong with it. */
  #heard(listener: SharedListener): SharedListener {
    return {
      stored: (changes) => listener.stored(changes),
      announced: (changes) => listener.announced(changes),
      slots: () => listener.slots(),
      lost: (cause) => {
        this.tell({ type: 'failed', reason: 'what others put in it is not heard of.', cause });
        listener.lost(cause);
      },
      resumed: () => {
        this.#failures = 0;
        this.#restsUntil = Number.NEGATIVE_INFINITY;
        this.tell({ type: 'restored', reason: 'what others put in it is heard of again.' });
        listener.resumed();
      },
    };
  }

  async #write(entries: ReadonlyMap<Slot, SharedEntry>, removed: readonly Slot[]): Promise<boolean> {
    await this.open();
    const tier = this.#tier;
    if (!tier || this.#isResting) return false;
    const written = await this.#tried('can not be written', WRITING, async () => {
      if (removed.length > 0) await tier.remove(removed);
      if (entries.size > 0) await tier.put(entries);
      return true;
    });
    return written ?? false;
  }

  /** Undefined where it fails, or takes longer than that. */
  async #tried<T>(what: string, limit: number, work: () => Promise<T>): Promise<T | undefined> {
    let isLate = false;
    const late = (): void => {
      isLate = true;
      this.#failed(what, { name: 'TimeoutError', code: 'TIMEOUT' });
    };
    const trying = Promise.resolve()
      .then(work)
      .then(
        (result) => {
          if (!isLate) this.#succeeded();
          return result;
        },
        (cause: unknown) => {
          if (!isLate) this.#failed(what, cause);
          return undefined;
        },
      );
    return Number.isFinite(limit) ? this.#within(limit, trying, late) : trying;
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
    this.tell({ type: 'restored', reason: 'it works again.' });
  }

  #failed(what: string, cause: unknown): void {
    if (this.#isClosed) return;
    const { clock, random } = this.options;
    this.#failures += 1;
    this.#restsUntil = clock.now() + backoffDelay(this.#failures, REST, random());
    this.tell({ type: 'failed', reason: `it ${what}.`, cause });
  }

  /** Undefined where it takes longer. What is there when the time is over counts, also where the process was busy. */
  #within<T>(limit: number, work: Promise<T>, late?: () => void): Promise<T | undefined> {
    const { clock } = this.options;
    return new Promise((resolve, reject) => {
      let isOver = false;
      let cancel: CancelTimer = () => undefined;
      const over = (): void => {
        if (!isOver) late?.();
        isOver = true;
        resolve(undefined);
      };
      cancel = clock.setTimer(() => setImmediate(() => setImmediate(over)), limit, true);
      work.then(
        (result) => {
          isOver = true;
          cancel();
          resolve(result);
        },
        (error: unknown) => {
          isOver = true;
          cancel();
          reject(error instanceof Error ? error : new Error('failed'));
        },
      );
    });
  }

  static {
    hideInOutput(TierAtWork.prototype, ({ kind }) => `[shared cache ${kind}]`);
  }
}
