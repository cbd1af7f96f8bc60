import { hideInOutput } from '../redaction.js';

interface Entry {
  readonly text: string;
  next: Entry | undefined;
}

const BUCKETS = 1 << 16;

/** Knows of an end of a text whether a pattern begins with it. */
export class PrefixIndex {
  /** How many begin with which character, and with which two; of several with one number it says "yes" for each. */
  readonly #firsts = new Uint32Array(BUCKETS);
  readonly #seconds = new Uint32Array(BUCKETS);
  /** By their first three characters. */
  readonly #buckets = new Array<Entry | undefined>(BUCKETS).fill(undefined);
  readonly #lengths = new Map<number, number>();
  #longest = 0;

  constructor(patterns: Iterable<string>) {
    for (const pattern of patterns) this.add(pattern);
  }

  add(text: string): void {
    this.#firsts[text.charCodeAt(0)]! += 1;
    this.#seconds[pairAt(text, 0)]! += 1;
    const bucket = tripleAt(text, 0);
    this.#buckets[bucket] = { text, next: this.#buckets[bucket] };
    this.#lengths.set(text.length, (this.#lengths.get(text.length) ?? 0) + 1);
    this.#longest = Math.max(this.#longest, text.length);
  }

  remove(text: string): void {
    this.#firsts[text.charCodeAt(0)]! -= 1;
    this.#seconds[pairAt(text, 0)]! -= 1;
    const bucket = tripleAt(text, 0);
    let before = this.#buckets[bucket];
    if (before?.text === text) this.#buckets[bucket] = before.next;
    else {
      while (before?.next && before.next.text !== text) before = before.next;
      if (before) before.next = before.next?.next;
    }
    const left = this.#lengths.get(text.length)! - 1;
    if (left > 0) return void this.#lengths.set(text.length, left);
    this.#lengths.delete(text.length);
    if (text.length === this.#longest) this.#longest = Math.max(0, ...this.#lengths.keys());
  }

  /** Where the longest end begins with which a longer pattern begins; the text's length where there is none. */
  unfinished(text: string): number {
    const { length } = text;
    for (let at = Math.max(0, length - this.#longest + 1); at < length; at += 1) {
      if (this.#firsts[text.charCodeAt(at)] === 0) continue;
      const left = length - at;
      if (left === 1) return at;
      if (this.#seconds[pairAt(text, at)] === 0) continue;
      if (left === 2 || this.#begins(text, at)) return at;
    }
    return length;
  }

  #begins(text: string, at: number): boolean {
    let entry = this.#buckets[tripleAt(text, at)];
    if (!entry) return false;
    const end = text.slice(at);
    for (; entry; entry = entry.next) if (entry.text.length > end.length && entry.text.startsWith(end)) return true;
    return false;
  }

  static {
    hideInOutput(PrefixIndex.prototype, () => '[secrets]');
  }
}

const pairAt = (text: string, at: number): number =>
  (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 8)) & (BUCKETS - 1);

const tripleAt = (text: string, at: number): number =>
  (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 5) ^ (text.charCodeAt(at + 2) << 10)) & (BUCKETS - 1);
