import type { Clock } from '../clock.js';
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
import { TierHealth, type CacheStatus, type Doing } from './tier-health.js';
import { within } from './within.js';

export interface TierOptions {
  readonly connection: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told how many it was asked for, and how many of them it has; undefined where it gave no answer. */
  readonly onAsked?: ((kind: string, asked: number, found: number | undefined) => void) | undefined;
  /** Told once of each kind of trouble, until it is over. */
  readonly tell: (kind: string, news: SharedNews) => void;
  readonly listener: SharedListener;
}

/** Milliseconds: for deriving keys and connecting; for one call that readers wait for; for writing; for the last writing, when the app goes down. */
const OPENING = 5_000;
const ANSWERING = 2_000;
const WRITING = 30_000;
const CLOSING = 2_000;
const TIMED_OUT = { name: 'TimeoutError', code: 'TIMEOUT' };
const NOTHING: ReadonlyMap<Slot, SharedEntry> = new Map();

/** One shared cache at work for one connection: each call is bounded in time, and nothing that it does, or does not do, reaches a reader. */
export class TierAtWork {
  readonly kind: string;
  readonly #queue: PutQueue;
  readonly #health: TierHealth;
  #tier: SharedTier | undefined;
  #opening: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  /** What is to be announced, once however often it was said. */
  readonly #unsaid = new Map<string, SharedChange>();
  #isAnnouncing = false;
  #isClosed = false;

  constructor(
    private readonly cache: SharedCache,
    private readonly options: TierOptions,
  ) {
    this.kind = cache.kind;
    this.#health = new TierHealth(options, (news) => options.tell(this.kind, news));
    this.#queue = new PutQueue(options.clock, (entries, removed) => this.#write(entries, removed));
  }

  get status(): CacheStatus {
    return this.#health.status(this.kind, this.#tier !== undefined);
  }

  /** Undefined until it is open. */
  get tier(): SharedTier | undefined {
    return this.#tier;
  }

  /** Resolves when it can be asked, or when that has failed or takes too long. Never rejects. */
  open(): Promise<void> {
    if (this.#tier || this.#isClosed || this.#health.rests('asking')) return Promise.resolve();
    const late = (): void => this.#health.failed('asking', 'takes long to be opened', TIMED_OUT);
    return (this.#opening ??= within(this.options.clock, OPENING, this.#open(), late).then(() => undefined));
  }

  /** What it holds; nothing where it fails. @param patience milliseconds. */
  async get(slots: readonly Slot[], patience: number): Promise<ReadonlyMap<Slot, SharedEntry>> {
    await this.open();
    const tier = this.#tier;
    if (!tier || this.#health.rests('asking') || this.#isClosed) return NOTHING;
    const answer = this.#tried('asking', 'can not be read', ANSWERING, () => tier.get(slots));
    const found = await within(this.options.clock, patience, answer);
    this.options.onAsked?.(this.kind, slots.length, found?.size);
    return found ?? NOTHING;
  }

  /** Hands entries on, when there is time; `undefined` removes what is stored. Resolves when that is done, well or badly. */
  put(entries: Iterable<readonly [Slot, SharedEntry | undefined]>): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return this.#queue.add(entries);
  }

  announce(changes: readonly SharedChange[]): void {
    if (!this.#tier?.announce || this.#isClosed) return;
    for (const change of changes) this.#unsaid.set(JSON.stringify([change.slot.key, change.version]), change);
    if (!this.#isAnnouncing) void this.#announce();
  }

  /** Undefined where it has no say in who asks the source, or can't be asked. */
  async takeTurn(reason: TurnReason, slots: readonly Slot[]): Promise<Turn | undefined> {
    const tier = this.#tier;
    if (!tier?.takeTurn || this.#health.rests('asking') || this.#isClosed) return undefined;
    return this.#tried('asking', 'can not say who asks the source', ANSWERING, () => tier.takeTurn!(reason, slots));
  }

  /** Writes what is waiting, within a bound, and closes. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    await within(this.options.clock, CLOSING, this.#queue.end());
    this.#isClosed = true;
    try {
      this.#unsubscribe?.();
    } catch {
      // It is not heard any more in any case.
    }
    const tier = this.#tier;
    this.#tier = undefined;
    this.#health.turned();
    const closing = Promise.resolve().then(() => tier?.close());
    await within(this.options.clock, CLOSING, closing).catch(() => undefined);
  }

  async #open(): Promise<void> {
    const { connection, clock, listener } = this.options;
    const scope = { connection, clock, tell: (news: SharedNews) => this.#health.tell(news) };
    const tier = await this.#tried('asking', 'can not be opened', Number.POSITIVE_INFINITY, () =>
      this.cache.open(scope),
    );
    this.#opening = undefined;
    if (!tier) return;
    if (this.#isClosed) return void tier.close().catch(() => undefined);
    this.#tier = tier;
    this.#health.turned();
    try {
      this.#unsubscribe = tier.subscribe?.(this.#heard(listener));
    } catch (cause) {
      this.#health.failed('asking', 'can not be listened to', cause);
    }
  }

  /** Whether it is heard is told here, as all that goes wrong with it. */
  #heard(listener: SharedListener): SharedListener {
    return {
      stored: (changes) => listener.stored(changes),
      announced: (changes) => listener.announced(changes),
      slots: () => listener.slots(),
      lost: (cause) => {
        this.#health.tell({ type: 'failed', reason: 'what others put in it is not heard of.', cause });
        listener.lost(cause);
      },
      resumed: (fence) => {
        this.#health.rested();
        this.#health.tell({ type: 'restored', reason: 'what others put in it is heard of again.' });
        listener.resumed(fence);
      },
    };
  }

  /** One call at a time, each of all that has come meanwhile: a storm of announcements is few messages for those who hear them. */
  async #announce(): Promise<void> {
    this.#isAnnouncing = true;
    while (this.#unsaid.size > 0) {
      // Who hears of it looks here first: what this process has read is to be there.
      await this.#queue.settled();
      const tier = this.#tier;
      const changes = [...this.#unsaid.values()];
      this.#unsaid.clear();
      if (!tier?.announce || this.#isClosed) break;
      const announced = (): Promise<void> => tier.announce!(changes);
      await this.#tried('asking', 'can not be told of a change', ANSWERING, announced);
    }
    this.#isAnnouncing = false;
  }

  async #write(entries: ReadonlyMap<Slot, SharedEntry>, removed: readonly Slot[]): Promise<boolean> {
    await this.open();
    const tier = this.#tier;
    if (!tier || this.#health.rests('writing')) return false;
    const written = await this.#tried('writing', 'can not be written', WRITING, async () => {
      if (removed.length > 0) await tier.remove(removed);
      if (entries.size > 0) await tier.put(entries);
      return true;
    });
    return written ?? false;
  }

  /** Undefined where it fails, or takes longer than that. */
  async #tried<T>(doing: Doing, what: string, limit: number, work: () => Promise<T>): Promise<T | undefined> {
    let isLate = false;
    const late = (): void => {
      isLate = true;
      this.#health.failed(doing, what, TIMED_OUT);
    };
    const trying = Promise.resolve()
      .then(work)
      .then(
        (result) => {
          if (!isLate) this.#health.succeeded(doing);
          return result;
        },
        (cause: unknown) => {
          if (!isLate) this.#health.failed(doing, what, cause);
          return undefined;
        },
      );
    return Number.isFinite(limit) ? within(this.options.clock, limit, trying, late) : trying;
  }

  static {
    hideInOutput(TierAtWork.prototype, ({ kind }) => `[shared cache ${kind}]`);
  }
}
