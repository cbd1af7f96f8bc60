/** Who hears of what is announced. */
export interface Hearer<T> {
  hear(entry: T): void;
}

/** What was announced in this process, and those who want to hear of all of it, also of what comes later. Hearers are held weakly. */
export class Announced<T> {
  readonly #entries = new Map<unknown, T>();
  readonly #hearers = new Set<WeakRef<Hearer<T>>>();

  /** @param key the first of several entries with one key stays */
  announce(key: unknown, entry: T): void {
    if (this.#entries.has(key)) return;
    this.#entries.set(key, entry);
    for (const reference of this.#hearers) {
      const hearer = reference.deref();
      if (hearer) hearer.hear(entry);
      else this.#hearers.delete(reference);
    }
  }

  get entries(): T[] {
    return [...this.#entries.values()];
  }

  addHearer(hearer: Hearer<T>): void {
    this.#hearers.add(new WeakRef(hearer));
    for (const entry of this.entries) hearer.hear(entry);
  }
}
