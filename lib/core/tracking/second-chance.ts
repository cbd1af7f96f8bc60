import type { LineNode } from './line.js';
import { Line } from './line.js';

/** What can be let go. */
export interface Evictable {
  /** Set by each use, which costs a reader no more than that. */
  used: boolean;
  /** Somebody waits for it, or reads it: not now. */
  readonly isBusy: boolean;
}

/**
 * Who goes next, of what is kept on demand: in the order of arrival, but that whoever was used since gets a second chance at the end of the line.
 * Close to "least recently used", at a constant cost, and reading moves nothing.
 */
export class SecondChance<T extends Evictable> {
  readonly #line = new Line<T>();
  readonly #nodes = new Map<T, LineNode<T>>();

  get size(): number {
    return this.#line.size;
  }

  add(entry: T): void {
    if (!this.#nodes.has(entry)) this.#nodes.set(entry, this.#line.add(entry));
  }

  delete(entry: T): void {
    const node = this.#nodes.get(entry);
    if (node) this.#line.remove(node);
    this.#nodes.delete(entry);
  }

  /** Takes out the next to go; undefined where all are busy. */
  takeNext(): T | undefined {
    // Twice around at most: the first time takes the marks away.
    for (let left = 2 * this.size; left > 0; left -= 1) {
      const entry = this.#line.first!.entry;
      const isKept = entry.used || entry.isBusy;
      this.delete(entry);
      if (!isKept) return entry;
      entry.used = false;
      this.add(entry);
    }
    return undefined;
  }
}
