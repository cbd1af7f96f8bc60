import type { Clock } from '../../../core/clock.js';
import type { TurnReason } from '../../../core/shared/shared-cache.js';
import type { StoredPut } from './fleet-storage.js';

/** How many are remembered: who has forgotten one looks once more. */
const REMEMBERED = 100_000;
/** Milliseconds: who has looked so lately has looked for this reading. */
const LATELY = 500;

/** What this process knows to be stored, by what orders it: a turn is given only to who has seen the newest. */
export class SeenHeads {
  readonly #heads = new Map<string, { readonly head: string; readonly at: number }>();

  constructor(private readonly clock: Clock) {}

  saw(id: string, stored: string): void {
    this.#keep(id, /^\d* [\d.]+ /.exec(stored)?.[0] ?? stored);
  }

  wrote({ ids, fence, at }: StoredPut): void {
    const [id, ...others] = ids;
    this.#keep(id!, `${fence ?? ''} ${at} `);
    for (const other of others) this.#keep(other, '');
  }

  /** What is stored must have this head; undefined: it doesn't matter. */
  of(id: string, reason: TurnReason): string | undefined {
    const seen = this.#heads.get(id);
    // What changed is read even so: an entry that came before the change is none of it, but where it was looked for the change.
    if (reason === 'announced' && !(seen && this.clock.now() - seen.at <= LATELY)) return undefined;
    return seen?.head ?? '';
  }

  #keep(id: string, head: string): void {
    this.#heads.delete(id);
    this.#heads.set(id, { head, at: this.clock.now() });
    for (const oldest of this.#heads.keys()) {
      if (this.#heads.size <= REMEMBERED) break;
      this.#heads.delete(oldest);
    }
  }
}
