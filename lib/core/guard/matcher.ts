import { hideInOutput } from '../redaction.js';
import type { Form } from './forms.js';
import { SHORTEST_FORM } from './forms.js';
import type { Owner } from './owner.js';
import { PrefixIndex } from './prefix-index.js';

/** Characters of a pattern that the search looks at. */
const SHORTEST = SHORTEST_FORM;
/** Characters that one step looks at. */
const BLOCK = 3;
const FARTHEST = SHORTEST - BLOCK + 1;
/** Kinds of blocks that the table tells apart. */
const BLOCKS = 1 << 18;
const BUCKETS = 1 << 16;
/** Patterns that a window may share with others before another one is looked for. */
const CROWD = 3;
/** Windows of a pattern among which the least crowded one is chosen. */
const CHOICES = 16;

/** A place of a text that shows a secret, `end` behind its last character. */
export interface Span {
  start: number;
  end: number;
  owner: Owner;
}

/** A text that is looked for, and the window of it that leads there. */
interface Pattern extends Form {
  /** Whose text it is; several secrets may have the same. */
  readonly owners: Owner[];
  /** Where in the text its window begins. */
  readonly offset: number;
  /** The window's characters in one number. */
  readonly mark: number;
  /** The next one of the same bucket. */
  next: Pattern | undefined;
}

/**
 * Looks for many texts at once (Wu and Manber): a table tells by three characters how far the search may leap, so that most of a text is not looked at.
 * Patterns come and go one by one, without a new table.
 */
export class Matcher {
  /** By a block: how far the end of a window may be away. What was taken out stays until there is much of it; it costs a look. */
  readonly #leaps = new Uint8Array(BLOCKS).fill(FARTHEST);
  readonly #buckets: (Pattern | undefined)[] = new Array<Pattern | undefined>(BUCKETS).fill(undefined);
  readonly #sizes = new Uint32Array(BUCKETS);
  readonly #patterns = new Map<string, Pattern>();
  /** Made when text that comes in pieces is looked at. */
  #prefixes: PrefixIndex | undefined;
  #removed = 0;

  get size(): number {
    return this.#patterns.size;
  }

  add(form: Form, owner: Owner): void {
    const { text } = form;
    const known = this.#patterns.get(text);
    if (known) return void known.owners.push(owner);
    const offset = this.#windowOf(text);
    const mark = windowMark(text, offset);
    const bucket = bucketOf(mark);
    const pattern = { ...form, owners: [owner], offset, mark, next: this.#buckets[bucket] };
    this.#buckets[bucket] = pattern;
    this.#sizes[bucket]! += 1;
    this.#patterns.set(text, pattern);
    this.#prefixes?.add(text);
    this.#shorten(pattern);
  }

  remove(text: string, owner: Owner): void {
    const pattern = this.#patterns.get(text);
    if (!pattern) return;
    const at = pattern.owners.indexOf(owner);
    if (at >= 0) pattern.owners.splice(at, 1);
    if (pattern.owners.length > 0) return;
    this.#patterns.delete(text);
    this.#prefixes?.remove(text);
    this.#unlink(pattern);
    this.#removed += 1;
    if (this.#removed > 64 && this.#removed > this.#patterns.size / 2) this.#tidy();
  }

  /** Each place that shows a secret; they may overlap. Undefined where there is none. */
  search(text: string): Span[] | undefined {
    const leaps = this.#leaps;
    const { length } = text;
    let found: Span[] | undefined;
    for (let at = SHORTEST - 1; at < length;) {
      const leap = leaps[blockAt(text, at)]!;
      if (leap > 0) {
        at += leap;
        continue;
      }
      const window = at - SHORTEST + 1;
      const mark = windowMark(text, window);
      const bucket = this.#buckets[bucketOf(mark)];
      if (bucket !== undefined) found = lookAt(text, window, mark, bucket, found);
      at += 1;
    }
    return found;
  }

  /** Where the end of a text begins that may become a secret when more of it comes; its length where none does. */
  unfinished(text: string): number {
    return (this.#prefixes ??= new PrefixIndex(this.#patterns.keys())).unfinished(text);
  }

  /** The window that shortens the fewest leaps, and is that of few others: so texts that begin alike are told apart by what is behind. */
  #windowOf(text: string): number {
    const last = text.length - SHORTEST;
    const step = Math.max(1, Math.ceil((last + 1) / CHOICES));
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let offset = 0; offset <= last && least > 0; offset += step) {
      let cost = 0;
      for (let at = offset + BLOCK - 1; at < offset + SHORTEST && cost < least; at += 1) {
        if (this.#leaps[blockAt(text, at)]! > offset + SHORTEST - 1 - at) cost += 1;
      }
      if (cost < least) cost += Math.max(0, this.#sizes[bucketOf(windowMark(text, offset))]! - CROWD);
      if (cost >= least) continue;
      best = offset;
      least = cost;
    }
    return best;
  }

  #shorten({ text, offset }: Pattern): void {
    for (let at = offset + BLOCK - 1; at < offset + SHORTEST; at += 1) {
      const leap = offset + SHORTEST - 1 - at;
      const block = blockAt(text, at);
      if (this.#leaps[block]! > leap) this.#leaps[block] = leap;
    }
  }

  #unlink(pattern: Pattern): void {
    const bucket = bucketOf(pattern.mark);
    this.#sizes[bucket]! -= 1;
    let before = this.#buckets[bucket];
    if (before === pattern) return void (this.#buckets[bucket] = pattern.next);
    while (before && before.next !== pattern) before = before.next;
    if (before) before.next = pattern.next;
  }

  #tidy(): void {
    this.#removed = 0;
    this.#leaps.fill(FARTHEST);
    for (const pattern of this.#patterns.values()) this.#shorten(pattern);
  }

  static {
    hideInOutput(Matcher.prototype, () => '[secrets]');
  }
}

/** Compares with each pattern whose window may be the one that begins here. */
function lookAt(
  text: string,
  window: number,
  mark: number,
  first: Pattern,
  before: Span[] | undefined,
): Span[] | undefined {
  let found = before;
  for (let pattern: Pattern | undefined = first; pattern; pattern = pattern.next) {
    if (pattern.mark !== mark) continue;
    const start = window - pattern.offset;
    if (start < 0 || !text.startsWith(pattern.text, start)) continue;
    const end = start + pattern.text.length;
    (found ??= []).push({
      start: Math.max(0, start - pattern.before),
      end: Math.min(text.length, end + pattern.after),
      owner: pattern.owners[0]!,
    });
  }
  return found;
}

/** Of the three characters that end here: six bits of each, as far as they tell letters and digits apart. */
function blockAt(text: string, at: number): number {
  const first = text.charCodeAt(at - 2);
  return ((first << 12) ^ (text.charCodeAt(at - 1) << 6) ^ text.charCodeAt(at) ^ (first >> 6)) & (BLOCKS - 1);
}

/** Of a whole window. */
function windowMark(text: string, at: number): number {
  let mark = 0;
  for (let i = 0; i < SHORTEST; i += 1) mark = (Math.imul(mark, 31) + text.charCodeAt(at + i)) | 0;
  return mark;
}

const bucketOf = (mark: number): number => (mark ^ (mark >>> 15)) & (BUCKETS - 1);
