import { CacheEntry } from '../cache/cache-entry.js';
import type { SecretSource } from '../source/secret-source.js';
import { LiveSecret } from '../store/live-secret.js';

/** A secret as this connection knows it: its entry in the cache beside its live value in the store. */
export interface TrackedSecret {
  readonly entry: CacheEntry;
  readonly live: LiveSecret;
}

/** All secrets of one connection, under every name that they were asked for. */
export class TrackedSecrets {
  readonly #byKey = new Map<string, TrackedSecret>();
  /** Names of current versions, aliases too: the fast path of `client.get`. */
  readonly #current = new Map<string, TrackedSecret>();
  readonly #byEntry = new Map<CacheEntry, TrackedSecret>();
  #uses = 0;

  constructor(
    private readonly connection: string,
    private readonly source: Pick<SecretSource, 'canonicalName'>,
    private readonly maxEntries: number,
  ) {}

  /** The secret of a name that was asked for before. */
  find(name: string, version?: string): TrackedSecret | undefined {
    if (version !== undefined) return this.#byKey.get(this.#key(name, version));
    const known = this.#current.get(name);
    if (known) known.entry.used = ++this.#uses;
    return known;
  }

  /** A secret that nobody asked for: reading it says so, and nothing is kept. */
  untracked(name: string, version?: string): LiveSecret {
    return new LiveSecret(name, this.connection, version);
  }

  of(entry: CacheEntry): TrackedSecret {
    return this.#byEntry.get(entry) ?? this.obtain(entry.name, entry.requested);
  }

  /** Finds or begins to track a secret. */
  obtain(name: string, version?: string): TrackedSecret {
    const found = this.find(name, version);
    if (found) return found;
    const key = this.#key(name, version);
    let tracked = this.#byKey.get(key);
    if (!tracked) {
      const entry = new CacheEntry(key, name, version);
      tracked = { entry, live: new LiveSecret(name, this.connection, version) };
      this.#byKey.set(key, tracked);
      this.#byEntry.set(entry, tracked);
    }
    tracked.entry.used = ++this.#uses;
    if (version === undefined) this.#current.set(name, tracked);
    return tracked;
  }

  /** Versions and stages of a secret that were asked for beside the current one. */
  otherVersions(name: string): TrackedSecret[] {
    const current = this.find(name)?.entry.name ?? name;
    return [...this].filter(({ entry }) => entry.requested !== undefined && entry.name === current);
  }

  *[Symbol.iterator](): Iterator<TrackedSecret> {
    yield* this.#byKey.values();
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Stops tracking secrets that were fetched on demand: the ones that were never found, then the least recently used above the bound. */
  evict(): void {
    const loose: TrackedSecret[] = [];
    for (const tracked of this.#byKey.values()) {
      const { entry } = tracked;
      // A lease that was opened is kept until it ends: forgetting it would mean opening another.
      if (entry.pinned || entry.flight || entry.isDynamic) continue;
      if (!entry.loaded && entry.gone) this.#forget(tracked);
      else loose.push(tracked);
    }
    if (loose.length <= this.maxEntries) return;
    loose.sort((a, b) => a.entry.used - b.entry.used);
    for (const tracked of loose.slice(0, loose.length - this.maxEntries)) this.#forget(tracked);
  }

  #forget(tracked: TrackedSecret): void {
    this.#byKey.delete(tracked.entry.key);
    this.#byEntry.delete(tracked.entry);
    for (const [name, other] of this.#current) if (other === tracked) this.#current.delete(name);
  }

  #key(name: string, version: string | undefined): string {
    const canonical = this.source.canonicalName?.(name) ?? name;
    return version === undefined ? canonical : `${canonical}\u0000${version}`;
  }
}
