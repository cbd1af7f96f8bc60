import { DecodedText } from './decoded-text.js';
import { escapings } from './escapes.js';
import type { Matcher, Span } from './matcher.js';

/** Escapes within escapes that are undone: JSON in JSON in a URL, as a text of a line of JSON. */
const DEEPEST = 6;
/** Ways of undoing them that are tried: text from outside may be made such that there is no end of them. */
const MOST_READINGS = 64;
const NOTHING: readonly Span[] = [];

/** Places of a text that show a secret, in whatever spelling: in order, apart from each other. */
export function placesIn(text: string, matcher: Matcher): readonly Span[] {
  let found = matcher.search(text);
  for (const reading of readingsOf(text, false)) {
    for (const { start, end, owner } of matcher.search(reading.text) ?? NOTHING) {
      (found ??= []).push({ start: reading.start(start), end: reading.end(end), owner });
    }
  }
  return found ? merged(found) : NOTHING;
}

/** Where the end of a text begins that may become a secret, in whatever spelling, when more of it comes. */
export function unfinishedIn(text: string, matcher: Matcher): number {
  let first = matcher.unfinished(text);
  for (const reading of readingsOf(text, true)) {
    first = Math.min(first, reading.start(matcher.unfinished(reading.text)));
  }
  return first;
}

/** A text, as one reads it when some of its escapes are undone. */
class Reading {
  readonly depth: number;

  constructor(
    readonly text: string,
    private readonly decoded: DecodedText | undefined,
    private readonly of: Reading | undefined,
  ) {
    this.depth = of ? of.depth + 1 : 1;
  }

  /** Where it is in the text as it stands. */
  start(at: number): number {
    const start = this.decoded ? this.decoded.start(at) : at;
    return this.of ? this.of.start(start) : start;
  }

  end(at: number): number {
    const end = this.decoded ? this.decoded.end(at) : at;
    return this.of ? this.of.end(end) : end;
  }
}

/**
 * How a text reads when one escaping after another is undone; each reading once, for `%5C` and `\u0025` lead to the same in whatever order. Most texts
 * have none.
 * @param isCut also without what may be the beginning of an escape at the end: what it will be is not known yet, and what leads up to it may go on with it.
 */
function readingsOf(text: string, isCut: boolean): readonly Reading[] {
  const first = undone(text, isCut, undefined);
  if (first.length === 0) return first;
  const known = new Set([text]);
  const all: Reading[] = [];
  const add = (reading: Reading): void => {
    if (known.has(reading.text) || all.length >= MOST_READINGS) return;
    known.add(reading.text);
    all.push(reading);
  };
  first.forEach(add);
  for (const reading of all) {
    if (reading.depth < DEEPEST && all.length < MOST_READINGS) undone(reading.text, isCut, reading).forEach(add); // prettier-ignore
  }
  return all;
}

const NO_READINGS: readonly Reading[] = [];

function undone(text: string, isCut: boolean, of: Reading | undefined): readonly Reading[] {
  let found: Reading[] | undefined;
  for (const escaping of escapings) {
    const decoded = DecodedText.of(text, escaping);
    if (decoded) (found ??= []).push(new Reading(decoded.text, decoded, of));
    const cut = isCut ? escaping.cutOff(text) : undefined;
    if (cut === undefined) continue;
    const whole = text.slice(0, -cut);
    const before = DecodedText.of(whole, escaping);
    (found ??= []).push(new Reading(before?.text ?? whole, before, of));
  }
  return found ?? NO_READINGS;
}

/** In order, and those that overlap as one: the rest of a shorter one would tell of a longer one. */
function merged(found: Span[]): readonly Span[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: Span[] = [];
  for (const span of found) {
    const last = apart.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else apart.push(span);
  }
  return apart;
}
