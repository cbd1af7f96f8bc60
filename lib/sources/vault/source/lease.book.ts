import type { VaultSession } from '../auth/vault.session.js';

interface Entry {
  readonly leaseId: string | undefined;
  readonly session: VaultSession;
}

/** Which secret was leased with which token: a lease ends with the token that made it, so that after a new login these are to be opened anew. */
export class LeaseBook {
  readonly #entries = new Map<string, Entry>();
  readonly #opening = new Map<string, number>();

  /** While a secret is being opened it is not to be opened once more; what comes of it is taken down. Gives the lease that was before. */
  async opening<T>(name: string, open: () => Promise<T>): Promise<T> {
    this.#opening.set(name, (this.#opening.get(name) ?? 0) + 1);
    try {
      return await open();
    } finally {
      const others = (this.#opening.get(name) ?? 1) - 1;
      if (others > 0) this.#opening.set(name, others);
      else this.#opening.delete(name);
    }
  }

  /** Gives what was there before. */
  enter(name: string, entry: Entry): Entry | undefined {
    const before = this.#entries.get(name);
    this.#entries.set(name, entry);
    return before;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Names whose leases another token made, and that nobody is opening. */
  madeBefore(session: VaultSession | undefined): string[] {
    return [...this.#entries]
      .filter(([name, entry]) => entry.session !== session && !this.#opening.has(name))
      .map(([name]) => name);
  }

  clear(): void {
    this.#entries.clear();
  }
}
