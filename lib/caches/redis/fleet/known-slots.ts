import type { KeyRing } from '../../../core/shared/key-ring.js';
import type { Slot } from '../../../core/shared/slot.js';

/** So many are kept, in use or not. */
const LEAST = 4_096;

/** The slots that this process has asked for, by their ids: what a message stands for is found without a look at all that there is. */
export class KnownSlots {
  readonly #slots = new Map<string, Slot>();
  #most = LEAST;

  constructor(
    private readonly ring: KeyRing,
    /** Of all that is in use: the others are forgotten when they are many. */
    private readonly inUse: () => Iterable<Slot>,
  ) {}

  /** Under each key of the ring, as `KeyRing.idsOf`; from now on it is known. */
  idsOf(slot: Slot): string[] {
    const ids = this.ring.idsOf(slot.bytes);
    for (const id of ids) this.#slots.set(id, slot);
    if (this.#slots.size > this.#most) this.#forget();
    return ids;
  }

  of(id: string): Slot | undefined {
    return this.#slots.get(id);
  }

  #forget(): void {
    const used = new Set(Array.from(this.inUse(), ({ key }) => key));
    for (const [id, { key }] of this.#slots) if (!used.has(key)) this.#slots.delete(id);
    this.#most = Math.max(LEAST, this.#slots.size * 2);
  }
}
