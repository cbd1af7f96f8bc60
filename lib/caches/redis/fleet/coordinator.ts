import type { CancelTimer, Clock } from '../../../core/clock.js';
import type { Turn, TurnReason } from '../../../core/shared/shared-cache.js';
import type { TurnRequest, TurnStorage } from './fleet-storage.js';

export interface CoordinatorOptions {
  readonly storage: TurnStorage;
  readonly clock: Clock;
  readonly random: () => number;
  /** Of this process: no other has it. */
  readonly self: string;
}

export type WantedTurn = Pick<TurnRequest, 'turns' | 'known'> & { readonly reason: TurnReason };

/** Milliseconds: who dies in its turn keeps all others from asking for as long. */
const LEASE = 2_000;
/** So that one late extension does not end it. */
const EXTENDED = LEASE / 4;
/** A reading that takes longer is lost to us, whatever it does. */
const LONGEST = 60_000;
/** Milliseconds until it is looked again for what another one reads: at random, as a whole fleet may wait. */
const LOOK = { least: 25, most: 100 };

/**
 * Says which process of a fleet asks the source. Who has a turn extends it while its reading goes on; where it dies, or stands still past its lease, another
 * one gets a turn with a higher fence, and what the first one then writes is older. The worst of a turn that is lost is one reading too many.
 * Knows neither Redis nor a source: clock and storage are parameters, so that a simulated fleet runs it as it is.
 */
export class Coordinator {
  readonly #underWay = new Set<() => void>();
  #number = 0;
  /** The highest that was seen anywhere. */
  #seen = 0;
  #isClosed = false;

  constructor(private readonly options: CoordinatorOptions) {}

  /** Of an entry or a turn, whoever's it is. */
  saw(fence: number | undefined): void {
    if (fence !== undefined && fence > this.#seen) this.#seen = fence;
  }

  /** Rejects where the storage can't be reached. */
  async take({ reason, turns, known }: WantedTurn): Promise<Turn> {
    const { storage, self } = this.options;
    const holder = `${self}:${(this.#number += 1)}`;
    const isForced = reason === 'forced';
    const request = { turns, known, holder, lease: LEASE, seen: this.#seen, isForced };
    const answer = await storage.take(request);
    // Somebody has just read it: what it wrote is there.
    if (answer.type === 'newer') return { asks: false, lookAgainIn: 0 };
    if (answer.type === 'held') return { asks: false, lookAgainIn: this.#pause(answer.left) };
    this.saw(answer.fence);
    return { asks: true, fence: answer.fence, done: this.#held(turns, holder) };
  }

  /** Gives back what is held. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#underWay) end();
  }

  #held(turns: readonly string[], holder: string): () => void {
    const { storage, clock } = this.options;
    const since = clock.now();
    let cancel: CancelTimer = () => undefined;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      this.#underWay.delete(end);
      void storage.release(turns, holder).catch(() => undefined); // it ends by itself
    };
    const extendLater = (): void => {
      cancel = clock.setTimer(() => void extend(), EXTENDED);
    };
    const extend = async (): Promise<void> => {
      if (isOver || clock.now() - since > LONGEST) return;
      // Nothing to extend: another one has it. What this reading brings is older than what that one does.
      const left = await storage.extend(turns, holder, LEASE).catch(() => turns.length);
      if (!isOver && left > 0) extendLater();
    };
    this.#underWay.add(end);
    if (this.#isClosed) end();
    else extendLater();
    return end;
  }

  #pause(left: number): number {
    const { least, most } = LOOK;
    return Math.min(left + least, least + (most - least) * this.options.random());
  }
}
