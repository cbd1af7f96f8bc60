/** Something that has a next event, and remembers its place in the timetable. */
export interface Timed {
  /** On the monotonic clock; Infinity where nothing comes. */
  nextAt: number;
  /** Its index in the heap; -1 while it is not in it. */
  place: number;
}

/** One in so many is many: then laying out again is cheaper than taking out one by one. */
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
    entry.nextAt = nextAt;
    if (nextAt === Number.POSITIVE_INFINITY) return this.remove(entry);
    if (entry.place < 0) entry.place = this.#heap.length;
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
    const heap = this.#heap;
    const few = heap.length / MANY;
    let due: T[] = [];
    const open = [0];
    for (let place = open.pop(); place !== undefined && due.length <= few; place = open.pop()) {
      const entry = heap[place];
      if (!entry || entry.nextAt > now) continue;
      due.push(entry);
      open.push(2 * place + 1, 2 * place + 2);
    }
    if (due.length <= few) for (const entry of due) this.remove(entry);
    else due = this.#split(now);
    for (const entry of due) entry.nextAt = Number.POSITIVE_INFINITY;
    return due;
  }

  /** Takes out what is due in one walk, and lays out the rest again (Floyd). */
  #split(now: number): T[] {
    const due: T[] = [];
    const heap = this.#heap;
    let kept = 0;
    for (const entry of heap) {
      if (entry.nextAt > now) {
        heap[kept] = entry;
        entry.place = kept;
        kept += 1;
      } else {
        entry.place = -1;
        due.push(entry);
      }
    }
    heap.length = kept;
    for (let place = (kept >> 1) - 1; place >= 0; place -= 1) this.#sink(heap[place]!);
    return due;
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
