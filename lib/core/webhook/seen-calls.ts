import { createHash } from 'node:crypto';

/** More than any sender makes while one of them counts. */
const MOST = 10_000;

/** Calls that have been taken, by their IDs, for as long as they would be taken again. Bounded. */
export class SeenCalls {
  readonly #until = new Map<string, number>();

  constructor(private readonly most = MOST) {}

  has(id: string, now: number): boolean {
    const until = this.#until.get(keyOf(id));
    return until !== undefined && until > now;
  }

  /** Gives whether it is remembered: not where all that is remembered still counts, and there is no room. */
  add(id: string, until: number, now: number): boolean {
    if (this.#until.size >= this.most) this.#forgetOld(now);
    if (this.#until.size >= this.most) return false;
    this.#until.set(keyOf(id), until);
    return true;
  }

  #forgetOld(now: number): void {
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id);
  }
}

/** Of one length, whatever a sender takes for an ID. */
const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64');
