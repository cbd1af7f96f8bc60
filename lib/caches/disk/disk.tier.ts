import type { KeyObject } from 'node:crypto';
import { hideInOutput } from '../../core/redaction.js';
import type { KeyRing } from '../../core/shared/key-ring.js';
import type { SharedScope, SharedTier } from '../../core/shared/shared-cache.js';
import type { SharedEntry } from '../../core/shared/shared-entry.js';
import { decodeEntry, encodeEntry, isAsNew } from '../../core/shared/shared-entry.js';
import type { Slot } from '../../core/shared/slot.js';
import type { PrivateFolder, ReadFile } from './private-folder.js';
import { UntrustedFile } from './private-folder.js';

const SEALED = '.sealed';
/** Files in the folder; beyond it those go that were written first. */
const MOST = 10_000;
const DAY = 24 * 60 * 60 * 1000;
/** Milliseconds: what was not written for so long belongs to a name, or a key, that nobody uses any more. */
const FORGOTTEN = 90 * DAY;
/** Milliseconds between two looks through the folder, and how many new files have it looked through before. */
const SWEEPING = DAY;
const GROWTH = MOST / 10;
/** Milliseconds that a clock is put right by in small steps. */
const SKEW = 5_000;

export interface DiskTierOptions {
  readonly folder: PrivateFolder;
  readonly ring: KeyRing;
  readonly scope: SharedScope;
  readonly maxStale: number;
  readonly keepsDynamic: boolean;
}

/** A file a secret, its name an HMAC of the slot; the newest counts, and says so itself. */
export class DiskTier implements SharedTier {
  readonly maxStale: number;
  readonly keepsDynamic: boolean;
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** Files that this process has added since. */
  #added = 0;

  constructor(private readonly options: DiskTierOptions) {
    this.maxStale = options.maxStale;
    this.keepsDynamic = options.keepsDynamic;
  }

  get fingerprintKey(): KeyObject {
    return this.options.ring.derivedKey('fingerprints');
  }

  async get(slots: readonly Slot[]): Promise<ReadonlyMap<Slot, SharedEntry>> {
    await this.options.folder.check();
    const found = new Map<Slot, SharedEntry>();
    await Promise.all(
      slots.map(async (slot) => {
        const entry = await this.#newest(slot);
        if (entry && (this.keepsDynamic || !isDynamic(entry))) found.set(slot, entry);
      }),
    );
    return found;
  }

  async put(entries: ReadonlyMap<Slot, SharedEntry>): Promise<void> {
    const { folder } = this.options;
    await folder.check();
    const kept = [...entries].filter(([, entry]) => this.keepsDynamic || !isDynamic(entry));
    const written = await Promise.allSettled(kept.map(([slot, entry]) => this.#put(slot, entry)));
    await folder.flush();
    // The others are there: what can't be written is tried again with them.
    for (const one of written) if (one.status === 'rejected') throw one.reason;
    await this.#sweep();
  }

  async remove(slots: readonly Slot[]): Promise<void> {
    const { folder, ring } = this.options;
    await folder.check();
    const names = slots.flatMap((slot) => ring.idsOf(slot.bytes).map(fileOf));
    await Promise.all(names.map((name) => folder.remove(name)));
    await folder.flush();
  }

  async close(): Promise<void> {
    // Nothing is open between two calls.
  }

  async #put(slot: Slot, entry: SharedEntry): Promise<void> {
    const { folder, ring } = this.options;
    const [first, ...others] = ring.idsOf(slot.bytes);
    const before = await this.#newest(slot);
    if (!this.#isNext(entry, before)) return;
    if (!before) this.#added += 1;
    const bytes = ring.seal(slot.bytes, encodeEntry(entry));
    // Another process may have been faster, and have a newer one.
    const isWanted = async (read: ReadFile): Promise<boolean> => this.#isNext(entry, await this.#newest(slot, read));
    await folder.replace(fileOf(first!), bytes, isWanted);
    for (const id of others) await folder.remove(fileOf(id));
  }

  #isNext(entry: SharedEntry, before: SharedEntry | undefined): boolean {
    // All who write here have one clock: what was written while that was ahead keeps nothing off.
    const isAhead = before !== undefined && before.at > this.options.scope.clock.wall() + SKEW;
    return !before || isAhead || isAsNew(entry, before);
  }

  /** Of those that are there under any of the keys. */
  async #newest(
    slot: Slot,
    read: ReadFile = (name) => this.options.folder.read(name),
  ): Promise<SharedEntry | undefined> {
    let newest: SharedEntry | undefined;
    for (const id of this.options.ring.idsOf(slot.bytes)) {
      const entry = await this.#read(slot, fileOf(id), read);
      if (entry && (!newest || isAsNew(entry, newest))) newest = entry;
    }
    return newest;
  }

  /** What can't be trusted is left where it is: what is read next takes its place. */
  async #read(slot: Slot, name: string, read: ReadFile): Promise<SharedEntry | undefined> {
    const { ring } = this.options;
    let bytes: Buffer | undefined;
    try {
      bytes = await read(name);
    } catch (error) {
      if (!(error instanceof UntrustedFile)) throw error;
      return this.#refuse(error.message);
    }
    if (!bytes) return undefined;
    const content = ring.open(slot.bytes, bytes);
    if (typeof content === 'string') return this.#refuse(`is ${content}`);
    return decodeEntry(content) ?? this.#refuse('is of another release');
  }

  #refuse(what: string): undefined {
    this.options.scope.tell({ type: 'refused', reason: `a file in it ${what}, and is not trusted.` });
  }

  /** Removes what killed processes have left, and what nobody has written for long; keeps the number of files within its bound. Fails in silence. */
  async #sweep(): Promise<void> {
    const { folder } = this.options;
    const now = Date.now();
    if (now - this.#sweptAt < SWEEPING && this.#added < GROWTH) return;
    this.#sweptAt = now;
    this.#added = 0;
    try {
      const files = (await folder.sweep()).filter(({ name }) => name.endsWith(SEALED)).sort((a, b) => a.age - b.age);
      for (const [index, { name, age }] of files.entries()) {
        if (index >= MOST || age > FORGOTTEN) await folder.remove(name);
      }
    } catch {
      // Another process may do it.
    }
  }

  static {
    hideInOutput(DiskTier.prototype, () => '[disk cache]');
  }
}

const fileOf = (id: string): string => `${id}${SEALED}`;

const isDynamic = (entry: SharedEntry): boolean => entry.kind === 'value' && entry.given.lease !== undefined;
