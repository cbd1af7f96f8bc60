import { setImmediate } from 'node:timers';
import { backoffDelay } from '../backoff.js';
import type { CancelTimer, Clock } from '../clock.js';
import { hideInOutput } from '../redaction.js';
import type { SharedEntry } from './shared-entry.js';
import type { Slot } from './slot.js';

/** What waits to be written: of each slot the newest. Beyond it the oldest is dropped: it is read from the source again. */
const MOST = 10_000;
const RETRY = { base: 1_000, factor: 2, max: 60_000 };

interface Waiting {
  readonly slot: Slot;
  /** Undefined: what is stored is to be removed. */
  readonly entry: SharedEntry | undefined;
}

/** What is on its way into a shared cache: one writing at a time, each of all that has come meanwhile. Nobody who reads waits for it. */
export class PutQueue {
  #waiting = new Map<string, Waiting>();
  #writing: Promise<void> | undefined;
  #failures = 0;
  #cancelRetry: CancelTimer = () => undefined;
  #isEnding = false;

  /** @param write gives false where nothing was written; never rejects. */
  constructor(
    private readonly clock: Clock,
    private readonly write: (entries: ReadonlyMap<Slot, SharedEntry>, removed: readonly Slot[]) => Promise<boolean>,
  ) {}

  /** Resolves when these have been written, or that has failed. */
  add(entries: Iterable<readonly [Slot, SharedEntry | undefined]>): Promise<void> {
    for (const [slot, entry] of entries) this.#put({ slot, entry });
    for (const key of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST) break;
      this.#waiting.delete(key);
    }
    return this.#start();
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Writes what waits, once more where that has failed before. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#cancelRetry();
    await this.#writing;
    await this.#start();
  }

  #put(waiting: Waiting): void {
    const { key } = waiting.slot;
    const before = this.#waiting.get(key)?.entry;
    if (before && waiting.entry && isOlder(waiting.entry, before)) return;
    this.#waiting.delete(key); // it is the youngest now
    this.#waiting.set(key, waiting);
  }

  #start(): Promise<void> {
    if (this.#writing)
      return this.#writing.then(() => (this.#waiting.size > 0 && this.#failures === 0 ? this.#start() : undefined));
    if (this.#waiting.size === 0) return Promise.resolve();
    this.#cancelRetry();
    return (this.#writing = this.#run().finally(() => (this.#writing = undefined)));
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what comes in this turn goes along
    const taken = this.#waiting;
    this.#waiting = new Map();
    const entries = new Map<Slot, SharedEntry>();
    const removed: Slot[] = [];
    for (const { slot, entry } of taken.values()) {
      if (entry) entries.set(slot, entry);
      else removed.push(slot);
    }
    const isWritten = await this.write(entries, removed);
    this.#failures = isWritten ? 0 : this.#failures + 1;
    if (isWritten || this.#isEnding) return;
    const younger = this.#waiting;
    this.#waiting = taken;
    for (const waiting of younger.values()) this.#put(waiting);
    this.#cancelRetry = this.clock.setTimer(() => void this.#start(), backoffDelay(this.#failures, RETRY));
  }

  static {
    hideInOutput(PutQueue.prototype, () => '[entries of a shared cache]');
  }
}

/** One process has put both, one after the other: only the turn says that the later one is older. A clock that was put back must not. */
function isOlder(next: SharedEntry, before: SharedEntry): boolean {
  return before.fence !== undefined && (next.fence === undefined || next.fence < before.fence);
}
