import { DecodedText } from './decoded-text.js';
import { escapings } from './escapes.js';
import type { Matcher, Span } from './matcher.js';

/** Escapes within escapes that are undone: JSON in JSON in a URL. */
const DEEPEST = 3;
const NOTHING: readonly Span[] = [];

/** Places of a text that show a secret, in whatever spelling: in order, apart from each other. */
export function placesIn(text: string, matcher: Matcher): readonly Span[] {
  if (matcher.size === 0) return NOTHING;
  const found = searchAt(0, text, matcher);
  return found ? merged(found) : NOTHING;
}

function searchAt(depth: number, text: string, matcher: Matcher): Span[] | undefined {
  let found = matcher.search(text);
  if (depth === DEEPEST) return found;
  for (const escaping of escapings) {
    const decoded = DecodedText.of(text, escaping);
    if (!decoded) continue;
    for (const { start, end, owner } of searchAt(depth + 1, decoded.text, matcher) ?? []) {
      (found ??= []).push({ start: decoded.start(start), end: decoded.end(end), owner });
    }
  }
  return found;
}

/** Where the end of a text begins that may become a secret, in whatever spelling, when more of it comes. */
export function unfinishedIn(text: string, matcher: Matcher): number {
  return matcher.size === 0 ? text.length : unfinishedAt(0, text, matcher);
}

function unfinishedAt(depth: number, text: string, matcher: Matcher): number {
  let first = matcher.unfinished(text);
  if (depth === DEEPEST) return first;
  for (const escaping of escapings) {
    const cut = escaping.cutOff(text);
    if (cut === undefined && !text.includes(escaping.sign)) continue;
    // What the escape will be is not known yet: whatever leads up to it may go on with it.
    const whole = cut === undefined ? text : text.slice(0, -cut);
    const decoded = DecodedText.of(whole, escaping);
    if (cut === undefined && !decoded) continue;
    const inside = decoded ?? { text: whole, start: (at: number) => at };
    const at = unfinishedAt(depth + 1, inside.text, matcher);
    first = Math.min(first, at < inside.text.length ? inside.start(at) : whole.length);
  }
  return first;
}

/** In order, and those that overlap or touch as one: the rest of a shorter one would tell of a longer one. */
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
