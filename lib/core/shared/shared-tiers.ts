import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { SecretOrigin } from '../secret/secret-version.js';
import { addressesOf, placesOf } from '../source/places.js';
import type { SecretSource } from '../source/secret-source.js';
import { hideInOutput } from '../redaction.js';
import type { SharedCache, SharedChange, SharedListener, SharedNews, Turn, TurnReason } from './shared-cache.js';
import { isAsNew, type SharedEntry } from './shared-entry.js';
import type { SlotKind } from './slot.js';
import { Slot } from './slot.js';
import type { TierOptions } from './tier-at-work.js';
import type { CacheStatus } from './tier-health.js';
import { TierAtWork } from './tier-at-work.js';

export interface SharedTiersOptions {
  readonly caches: readonly SharedCache[];
  readonly source: SecretSource;
  readonly connection: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: (kind: string, news: SharedNews) => void;
  readonly onAsked?: TierOptions['onAsked'];
  readonly listener: SharedListener;
}

/** What the tiers hold of a secret: the newest of them. */
export interface Found {
  readonly entry: SharedEntry;
  readonly origin: SecretOrigin;
}

/** Milliseconds that a reading waits for the tiers before it asks the source; and where the source has failed. And for each of many secrets. */
export const PATIENCE = { first: 250, last: 2_000 } as const;
const MORE = 2;

/** Another process asks the source; it is looked again for what comes of that. */
const LOOK_AGAIN = 50;

/** The tiers between memory and source of one connection, as one. They are asked together, and the newest counts. */
export class SharedTiers {
  readonly #tiers: readonly TierAtWork[];
  readonly #source: SecretSource;
  readonly #connection: string;
  readonly #address: string;

  constructor({ caches, source, connection, ...options }: SharedTiersOptions) {
    this.#source = source;
    this.#connection = connection;
    // As known before the first request: an address that the source finds out later would make it another source at each start.
    this.#address = `${source.kind} ${addressesOf(source)}`;
    this.#tiers = caches.map((cache) => new TierAtWork(cache, { ...options, connection }));
  }

  /** Begins to open them; nobody waits for it but who looks for something. */
  open(): void {
    for (const tier of this.#tiers) void tier.open();
  }

  /** Each of them, as they are asked. */
  get statuses(): readonly CacheStatus[] {
    return this.#tiers.map(({ status }) => status);
  }

  /** Whether who asks the source is agreed upon with others. */
  get takesTurns(): boolean {
    return this.#tiers.some(({ tier }) => tier?.takeTurn);
  }

  /** Whether credentials are in use elsewhere when the process that opened them ends. */
  get sharesLeases(): boolean {
    return this.#tiers.some(({ tier }) => tier?.sharesLeases);
  }

  get keepsDynamic(): boolean {
    return this.#tiers.some(({ tier }) => tier?.keepsDynamic);
  }

  /** Under which those who share a tier call states alike. */
  get fingerprintKey(): KeyObject | undefined {
    for (const { tier } of this.#tiers) if (tier?.fingerprintKey) return tier.fingerprintKey;
    return undefined;
  }

  slotOf(name: string, requested?: string): Slot {
    return this.#slot('secret', name, requested);
  }

  /** Of the names that the source enumerates. */
  get listing(): Slot {
    return this.#slot('listing', '', undefined);
  }

  /** Never rejects. @param patience milliseconds. */
  async find(slots: readonly Slot[], patience: number): Promise<ReadonlyMap<Slot, Found>> {
    const wait = patience + slots.length * MORE;
    const found = new Map<Slot, Found>();
    const looking = this.#tiers.map(async (at) => ({ at, entries: await at.get(slots, wait) }));
    for (const { at, entries } of await Promise.all(looking)) {
      const origin = { from: at.kind as SecretOrigin['from'], maxStale: at.tier?.maxStale ?? 0 };
      for (const [slot, entry] of entries) {
        const known = found.get(slot);
        if (!known || !isAsNew(known.entry, entry)) found.set(slot, { entry, origin });
      }
    }
    return found;
  }

  /** Hands entries on to all tiers, `undefined` for what they are to forget. Resolves when they are written, or can't be; never rejects. */
  async put(entries: readonly (readonly [Slot, SharedEntry | undefined])[]): Promise<void> {
    if (entries.length > 0) await Promise.all(this.#tiers.map((tier) => tier.put(entries)));
  }

  announce(names: readonly { readonly name: string; readonly version?: string | undefined }[]): void {
    const changes: SharedChange[] = names.map(({ name, version }) => ({ slot: this.slotOf(name), version }));
    for (const tier of this.#tiers) tier.announce(changes);
  }

  /** Anything may have changed. */
  announceAll(): void {
    for (const tier of this.#tiers) tier.announce([{ slot: this.listing }]);
  }

  /** Whether this process asks the source now: as the first tier says that has a say. Never rejects. */
  async takeTurn(reason: TurnReason, slots: readonly Slot[]): Promise<Turn & { readonly lookAgainIn: number }> {
    for (const tier of this.#tiers) {
      const turn = await tier.takeTurn(reason, slots);
      if (!turn) continue;
      const { asks, fence, lookAgainIn = LOOK_AGAIN } = turn;
      return { asks, fence, lookAgainIn, done: (error) => turn.done?.(error) };
    }
    return { asks: true, lookAgainIn: LOOK_AGAIN };
  }

  /** Writes what is waiting, within a bound, and closes all. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#tiers.map((tier) => tier.close()));
  }

  #slot(kind: SlotKind, name: string, requested: string | undefined): Slot {
    const places = placesOf(this.#source, name).map((place) => JSON.stringify([place.source, place.name]));
    const [connection, source, place] = [this.#connection, this.#address, places.join()];
    return new Slot({ connection, source, kind, place, name, requested });
  }

  static {
    hideInOutput(SharedTiers.prototype, (self) => `[shared caches of ${self.#connection}]`);
  }
}
