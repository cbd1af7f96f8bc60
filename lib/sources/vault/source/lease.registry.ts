import type { Lease } from '../../../core/secret/lease.js';
import type { VaultSession } from '../auth/vault.session.js';

interface Entry {
  readonly session: VaultSession;
  /** Lets the token go that made the lease. */
  readonly release: () => void;
}

/** Which secret was leased with which token: a lease ends with the token that made it, so that after a new login these are to be opened again. */
export class LeaseRegistry {
  /** The session that made each secret's latest lease. */
  readonly #current = new Map<string, VaultSession>();
  readonly #opening = new Map<string, number>();
  /** Leases in use, which hold their token. Nobody who has lost a lease can ask for it, so that it need not be kept. */
  readonly #inUse = new WeakMap<Lease, Entry>();

  /** While a secret is being opened it is not to be opened once more. */
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

  add(name: string, lease: Lease, session: VaultSession): void {
    this.#current.set(name, session);
    this.#inUse.set(lease, { session, release: session.hold() });
  }

  /** An extended lease is the same lease. */
  extended(before: Lease, after: Lease): void {
    const entry = this.#inUse.get(before);
    if (!entry) return;
    this.#inUse.delete(before);
    this.#inUse.set(after, entry);
  }

  /** True where another token made this lease. */
  isOfAnother(session: VaultSession, lease: Lease): boolean {
    const entry = this.#inUse.get(lease);
    return entry !== undefined && entry.session !== session;
  }

  /** The lease is in use no more. Gives the session that made it, and the way to let that go. */
  remove(lease: Lease): Entry | undefined {
    const entry = this.#inUse.get(lease);
    this.#inUse.delete(lease);
    return entry;
  }

  get isEmpty(): boolean {
    return this.#current.size === 0;
  }

  /** Names whose leases another token made, and that nobody is opening. */
  ofOtherSessions(session: VaultSession | undefined): string[] {
    return [...this.#current]
      .filter(([name, maker]) => maker !== session && !this.#opening.has(name))
      .map(([name]) => name);
  }

  clear(): void {
    this.#current.clear();
  }
}
