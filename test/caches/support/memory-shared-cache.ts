import type { SharedKeys } from '../../../lib/core/shared/shared-keys.js';
import { CheckedKeys } from '../../../lib/core/shared/shared-keys.js';
import type { KeyRing } from '../../../lib/core/shared/key-ring.js';
import { OpenedKeys } from '../../../lib/core/shared/opened-keys.js';
import { newStretching } from '../../../lib/core/shared/passphrase.js';
import type { SharedCache, SharedListener, SharedScope, SharedTier } from '../../../lib/core/shared/shared-cache.js';
import type { SharedEntry } from '../../../lib/core/shared/shared-entry.js';
import { decodeEntry, encodeEntry, isAsNew } from '../../../lib/core/shared/shared-entry.js';
import type { Slot } from '../../../lib/core/shared/slot.js';

/** What several caches share: bytes by ids, and those who listen. */
export class MemoryStorage {
  readonly entries = new Map<string, Buffer>();
  readonly listeners = new Set<SharedListener>();
  readonly stretching = newStretching();
  /** Rejects each call while it is set. */
  failure: Error | undefined;
  /** Each call waits for it. */
  gate: Promise<void> | undefined;
  /** Names, in the order in which they were asked for and put. */
  readonly calls: { readonly operation: 'get' | 'put' | 'remove'; readonly names: readonly string[] }[] = [];

  async enter(operation: 'get' | 'put' | 'remove', slots: Iterable<Slot>): Promise<void> {
    this.calls.push({ operation, names: [...slots].map(({ name }) => name) });
    await this.gate;
    if (this.failure) throw this.failure;
  }
}

export interface MemorySharedOptions {
  readonly key?: SharedKeys;
  readonly kind?: string;
  readonly maxStale?: number;
  readonly dynamic?: boolean;
  /** Whether it tells others of what is put, and of what is announced. */
  readonly tells?: boolean;
  readonly takeTurn?: SharedTier['takeTurn'];
}

/** The reference of the port: in memory, and else as the real ones. */
export function memorySharedCache(
  storage: MemoryStorage,
  { key, kind = 'memory', ...options }: MemorySharedOptions = { key: Buffer.alloc(32, 7) },
): SharedCache {
  const keys = new OpenedKeys(new CheckedKeys(key, 'memorySharedCache'), async () => storage.stretching);
  return {
    kind,
    async open(scope) {
      return new MemoryTier(storage, await keys.ring(), scope, options);
    },
  };
}

class MemoryTier implements SharedTier {
  readonly maxStale: number;
  readonly keepsDynamic: boolean;
  readonly subscribe: SharedTier['subscribe'];
  readonly announce: SharedTier['announce'];
  readonly takeTurn: SharedTier['takeTurn'];
  #listener: SharedListener | undefined;

  constructor(
    private readonly storage: MemoryStorage,
    private readonly ring: KeyRing,
    private readonly scope: SharedScope,
    { maxStale = Number.POSITIVE_INFINITY, dynamic = false, tells = false, takeTurn }: MemorySharedOptions,
  ) {
    this.maxStale = maxStale;
    this.keepsDynamic = dynamic;
    this.takeTurn = takeTurn;
    if (!tells) return;
    this.subscribe = (listener) => {
      this.#listener = listener;
      storage.listeners.add(listener);
      return () => storage.listeners.delete(listener);
    };
    this.announce = async (changes) => this.#others((listener) => listener.announced(changes));
  }

  get fingerprintKey() {
    return this.ring.derivedKey('fingerprints');
  }

  async get(slots: readonly Slot[]): Promise<ReadonlyMap<Slot, SharedEntry>> {
    await this.storage.enter('get', slots);
    const found = new Map<Slot, SharedEntry>();
    for (const slot of slots) {
      const entry = this.#find(slot);
      if (entry && (this.keepsDynamic || entry.kind !== 'value' || !entry.given.lease)) found.set(slot, entry);
    }
    return found;
  }

  async put(entries: ReadonlyMap<Slot, SharedEntry>): Promise<void> {
    await this.storage.enter('put', entries.keys());
    const stored: Slot[] = [];
    for (const [slot, entry] of entries) {
      if (!this.keepsDynamic && entry.kind === 'value' && entry.given.lease) continue;
      const before = this.#find(slot);
      if (before && !isAsNew(entry, before)) continue;
      const [first, ...others] = this.ring.idsOf(slot.bytes);
      this.storage.entries.set(first!, this.ring.seal(slot.bytes, encodeEntry(entry)));
      for (const id of others) this.storage.entries.delete(id);
      stored.push(slot);
    }
    this.#others((listener) => listener.stored(stored.map((slot) => ({ slot }))));
  }

  async remove(slots: readonly Slot[]): Promise<void> {
    await this.storage.enter('remove', slots);
    for (const slot of slots) for (const id of this.ring.idsOf(slot.bytes)) this.storage.entries.delete(id);
  }

  async close(): Promise<void> {
    if (this.#listener) this.storage.listeners.delete(this.#listener);
  }

  /** The newest under any of the keys. */
  #find(slot: Slot): SharedEntry | undefined {
    let newest: SharedEntry | undefined;
    for (const id of this.ring.idsOf(slot.bytes)) {
      const sealed = this.storage.entries.get(id);
      if (!sealed) continue;
      const content = this.ring.open(slot.bytes, sealed);
      const entry = typeof content === 'string' ? undefined : decodeEntry(content);
      if (!entry) {
        this.scope.tell({
          type: 'refused',
          reason: `an entry is ${typeof content === 'string' ? content : 'unknown'}.`,
        });
        this.storage.entries.delete(id);
      } else if (!newest || isAsNew(entry, newest)) newest = entry;
    }
    return newest;
  }

  #others(tell: (listener: SharedListener) => void): void {
    for (const listener of this.storage.listeners) if (listener !== this.#listener) tell(listener);
  }
}
