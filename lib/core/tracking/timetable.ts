/** Something that has a next event, and remembers its place in the timetable. */
export interface Timed {
  /** On the monotonic clock; Infinity where nothing comes. */
  nextAt: number;
  /** Its index in the heap; -1 while it is not in it. */
  place: number;
}

/** One in so many is many: then laying out anew is cheaper than taking out one by one. */
const MANY = 8;

/**
 * What comes next, of any number of secrets: a binary heap in which an entry can be moved and removed, for the time of a secret changes with
 * each reading. (Libraries that we found remove in linear time.)
 */
export class Timetable<T extends Timed> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the first event comes; Infinity where none does. */
  get nextAt(): number {
    return this.#heap[0]?.nextAt ?? Number.POSITIVE_INFINITY;
  }

  /** Takes over a changed time. */
  plan(entry: T, nextAt: number): void {
    if (nextAt === entry.nextAt && (entry.place >= 0 || nextAt === Number.POSITIVE_INFINITY)) return;
    entry.nextAt = nextAt;
    if (nextAt === Number.POSITIVE_INFINITY) return this.remove(entry);
    if (entry.place < 0) {
      entry.place = this.#heap.length;
      this.#heap.push(entry);
    }
    this.#settle(entry);
  }

  remove(entry: T): void {
    const { place } = entry;
    if (place < 0) return;
    const last = this.#heap.pop()!;
    entry.place = -1;
    if (last === entry) return;
    this.#put(last, place);
    this.#settle(last);
  }

  /** Takes out all whose event has come by `now`, in no order. Costs no more than there are of them, or one walk over all where they are many. */
  takeDue(now: number): T[] {
    const due: T[] = [];
    const open = [0];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const entry = this.#heap[place];
      if (!entry || entry.nextAt > now) continue;
      due.push(entry);
      open.push(2 * place + 1, 2 * place + 2);
    }
    if (due.length * MANY > this.#heap.length) this.#keep((entry) => entry.nextAt > now);
    else for (const entry of due) this.remove(entry);
    for (const entry of due) {
      entry.nextAt = Number.POSITIVE_INFINITY;
      entry.place = -1;
    }
    return due;
  }

  /** Lays out the heap anew (Floyd). */
  #keep(isKept: (entry: T) => boolean): void {
    const kept = this.#heap.filter(isKept);
    this.#heap.length = 0;
    for (const entry of kept) entry.place = this.#heap.push(entry) - 1;
    for (let place = (kept.length >> 1) - 1; place >= 0; place -= 1) this.#sink(this.#heap[place]!);
  }

  #settle(entry: T): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: T): void {
    let { place } = entry;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above]!;
      if (parent.nextAt <= entry.nextAt) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: T): void {
    const { length } = this.#heap;
    let { place } = entry;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && this.#heap[below + 1]!.nextAt < this.#heap[below]!.nextAt) below += 1;
      const child = this.#heap[below]!;
      if (child.nextAt >= entry.nextAt) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(entry, place);
  }

  #put(entry: T, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}
