import type { KeyObject } from 'node:crypto';
import { hideInOutput } from '../../../core/redaction.js';
import type { KeyRing } from '../../../core/shared/key-ring.js';
import type {
  SharedChange,
  SharedListener,
  SharedScope,
  SharedTier,
  Turn,
  TurnReason,
} from '../../../core/shared/shared-cache.js';
import { decodeEntry, encodeEntry, isAsNew, type SharedEntry } from '../../../core/shared/shared-entry.js';
import type { Slot } from '../../../core/shared/slot.js';
import { Coordinator } from './coordinator.js';
import { FleetEar } from './fleet-ear.js';
import { FleetMessages, type FleetChange } from './fleet-messages.js';
import type { FleetStorage, StoredPut } from './fleet-storage.js';
import { KnownSlots } from './known-slots.js';
import { SeenHeads } from './seen-heads.js';

export interface FleetTierOptions {
  readonly storage: FleetStorage;
  readonly ring: KeyRing;
  readonly scope: SharedScope;
  /** Of this process and connection: no other has it. */
  readonly self: string;
  readonly random: () => number;
  readonly coordinates: boolean;
  readonly sharesDynamic: boolean;
  /** Called once, at the end. */
  readonly onClose: () => Promise<void>;
}

/** How many entries go into one call: a server does nothing else meanwhile. */
const AT_ONCE = 100;
/** Milliseconds that an entry lives which nobody writes again. */
const LIVES = 30 * 24 * 3_600_000;

/** What a fleet shares, for one connection of one process: sealed entries, turns, and messages. */
export class FleetTier implements SharedTier {
  readonly maxStale = Number.POSITIVE_INFINITY;
  readonly keepsDynamic: boolean;
  readonly sharesLeases: boolean;
  readonly fingerprintKey: KeyObject;
  readonly takeTurn: SharedTier['takeTurn'];
  readonly #ring: KeyRing;
  readonly #messages: FleetMessages;
  readonly #coordinator: Coordinator;
  readonly #heads: SeenHeads;
  readonly #slots: KnownSlots;
  #listener: SharedListener | undefined;
  #ear: FleetEar | undefined;

  constructor(private readonly options: FleetTierOptions) {
    const { ring, scope, self, storage, random, coordinates, sharesDynamic } = options;
    this.#ring = ring;
    this.keepsDynamic = this.sharesLeases = sharesDynamic;
    this.fingerprintKey = ring.derivedKey('fingerprints');
    this.#messages = new FleetMessages(ring, scope.connection, self);
    this.#coordinator = new Coordinator({ storage, clock: scope.clock, random, self });
    this.#heads = new SeenHeads(scope.clock);
    this.#slots = new KnownSlots(ring, () => this.#listener?.slots() ?? []);
    if (coordinates) this.takeTurn = (reason, slots) => this.#turn(reason, slots);
  }

  async get(slots: readonly Slot[]): Promise<ReadonlyMap<Slot, SharedEntry>> {
    const found = new Map<Slot, SharedEntry>();
    for (const some of chunks(slots)) {
      const places = some.flatMap((slot) => this.#slots.idsOf(slot).map((id) => ({ slot, id })));
      const stored = await this.#asked(this.options.storage.get(places.map(({ id }) => id)));
      places.forEach(({ slot, id }, at) => {
        const entry = this.#opened(slot, id, stored[at]!);
        const other = found.get(slot);
        if (entry && (!other || isAsNew(entry, other))) found.set(slot, entry);
      });
    }
    for (const [slot, entry] of found) if (!this.#isShared(entry)) found.delete(slot);
    return found;
  }

  async put(entries: ReadonlyMap<Slot, SharedEntry>): Promise<void> {
    for (const some of chunks([...entries].filter(([, entry]) => this.#isShared(entry)))) {
      const puts = some.map(([slot, entry]) => this.#sealed(slot, entry));
      const changes = some.map(([, entry], at) => changeOf(puts[at]!.ids[0]!, entry));
      const taken = await this.#asked(this.options.storage.put(puts, this.#note('stored', changes)));
      puts.forEach((put, at) => taken[at] && this.#heads.wrote(put));
    }
  }

  async remove(slots: readonly Slot[]): Promise<void> {
    for (const some of chunks(slots)) {
      const ids = some.map((slot) => this.#slots.idsOf(slot));
      const changes = ids.map(([id]) => ({ id: id! }));
      await this.options.storage.remove(ids.flat(), this.#note('stored', changes));
    }
  }

  subscribe(listener: SharedListener): () => void {
    const { storage, scope, random } = this.options;
    this.#listener = listener;
    for (const slot of listener.slots()) this.#slots.idsOf(slot); // it was asked for before this tier was there
    const ear = new FleetEar({
      storage,
      channels: this.#messages.channels,
      clock: scope.clock,
      random,
      heard: (message) => this.#heard(message, listener),
      lost: (cause) => listener.lost(cause),
      missed: (fence) => listener.resumed(fence),
    });
    this.#ear = ear;
    return () => ear.end();
  }

  async announce(changes: readonly SharedChange[]): Promise<void> {
    for (const some of chunks(changes)) {
      const told = some.map(({ slot, version }) => ({ id: this.#slots.idsOf(slot)[0]!, version }));
      await this.options.storage.tell(this.#note('announced', told));
    }
  }

  async close(): Promise<void> {
    this.#ear?.end();
    this.#coordinator.close();
    await this.options.onClose();
  }

  #turn(reason: TurnReason, slots: readonly Slot[]): Promise<Turn> {
    const ids = slots.map((slot) => this.#slots.idsOf(slot));
    // The same for all who have the same keys, whichever of them is the first.
    const turns = ids.map((some) => some.reduce((a, b) => (a < b ? a : b)));
    const known = ids.flat().map((id) => ({ id, head: this.#heads.of(id, reason) }));
    return this.#asked(this.#coordinator.take({ reason, turns, known }));
  }

  /** Where it fails, those who listen look out for the storage to be back. */
  async #asked<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      this.#ear?.doubt();
      throw error;
    }
  }

  /** Gives whether it is a message of ours that was not heard before. */
  #heard(text: string, listener: SharedListener): boolean {
    const message = this.#messages.open(text);
    if (message === 'refused') this.#refuse('a message is not of those who have the key.');
    if (typeof message === 'string') return false;
    if (message.from === this.#messages.self) return true;
    const changes = message.changes.flatMap(({ id, version }) => {
      const slot = this.#slots.of(id);
      return slot ? { slot, version } : [];
    });
    if (message.type !== 'unknown' && changes.length > 0) listener[message.type](changes);
    return true;
  }

  /** Undefined for nothing, and for what is refused: that is told, and removed. */
  #opened(slot: Slot, id: string, stored: string): SharedEntry | undefined {
    this.#heads.saw(id, stored);
    if (stored === '') return undefined;
    const { fence, at, sealed } = partsOf(stored);
    const content = this.#ring.open(slot.bytes, Buffer.from(sealed, 'base64'));
    const entry = typeof content === 'string' ? undefined : decodeEntry(content);
    // What orders entries stands outside, where the storage sees it: it must be what was sealed.
    if (!entry || entry.at !== at || entry.fence !== fence) {
      const isForeign = content === 'foreign' || (!entry && content !== 'damaged');
      this.#refuse(isForeign ? 'an entry is of another key or release.' : 'an entry is damaged.');
      // Whatever it is, what it says of its age is not to be trusted: it would keep off all that is put there.
      void this.options.storage.drop(id, stored).catch(() => undefined);
      return undefined;
    }
    this.#coordinator.saw(entry.fence);
    return entry;
  }

  #sealed(slot: Slot, entry: SharedEntry): StoredPut {
    const { fence, at } = entry;
    const lives = entry.kind === 'value' && entry.endsAt !== undefined ? entry.endsAt - this.#wall : LIVES;
    const sealed = this.#ring.seal(slot.bytes, encodeEntry(entry)).toString('base64');
    return { ids: this.#slots.idsOf(slot), fence, at, lives: Math.max(1, lives), sealed };
  }

  #isShared(entry: SharedEntry): boolean {
    return this.keepsDynamic || entry.kind !== 'value' || !entry.given.lease;
  }

  #note(type: 'stored' | 'announced', changes: readonly FleetChange[]) {
    return { channel: this.#messages.channels[0]!, message: this.#messages.seal(type, changes) };
  }

  #refuse(reason: string): undefined {
    this.options.scope.tell({ type: 'refused', reason });
  }

  get #wall(): number {
    return this.options.scope.clock.wall();
  }

  static {
    hideInOutput(FleetTier.prototype, ({ options }) => `[redis cache of ${options.scope.connection}]`);
  }
}

function changeOf(id: string, entry: SharedEntry): FleetChange {
  const isNamed = entry.kind === 'value' && entry.given.versionKind !== 'process';
  return isNamed ? { id, version: entry.given.version } : { id };
}

function partsOf(stored: string): { fence: number | undefined; at: number; sealed: string } {
  const [fence = '', at = '', sealed = ''] = stored.split(' ');
  return { fence: fence === '' ? undefined : Number(fence), at: Number(at), sealed };
}

function* chunks<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += AT_ONCE) yield items.slice(at, at + AT_ONCE);
}
