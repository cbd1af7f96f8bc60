import { KNOWN_TEXTS } from './known-texts.js';

/** In place of what is not Vault's own: a plugin quotes its upstream, and that what it was sent. */
const HIDDEN = '[hidden]';
/** In place of a name within a known phrase, where it is not of the path that was called. */
const NAME = '…';
/** No phrase with its names is longer. */
const LONGEST = 700;

/** Enough for any text of Vault's, and little enough for a log. */
const LONGEST_TEXT = 2000;

/** What stands between phrases: `: `, and the items of Go's lists of errors. A run of blanks is looked at once, and not from each of them. */
const BETWEEN = /((?::|(?<!\s))\s*\n\s*(?:\* )?|: )/;

/** How Go's lists of errors begin. */
const COUNT = /^\d{1,3} errors? occurred$/;

const exact = new Set(KNOWN_TEXTS.filter((text) => !text.includes('{}')));
/** The longest first: one may begin another. */
const templates = KNOWN_TEXTS.filter((text) => text.includes('{}'))
  .sort((a, b) => b.length - a.length)
  .map((text) => {
    const parts = text.split('{}');
    const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+?)');
    return { parts, pattern: new RegExp(`^${pattern}$`) };
  });

/**
 * A text of Vault's as far as it is one: known phrases, and names of the path that was called, which its error tells anyway. All else is hidden, whatever it
 * is: an answer may quote the request in any spelling, and others' secrets too. Of a long one no more than its beginning is looked at.
 */
export function vaultText(text: string, path: string): string {
  const names = namesIn(path);
  const parts = text
    .slice(0, LONGEST_TEXT)
    .split(BETWEEN)
    .map((part, index) => (index % 2 === 0 ? phrase(part, names) : part));
  // Whatever was between two hidden ones, it is one hidden text.
  return parts
    .filter(
      (part, index) => !(index % 2 === 1 ? isHidden(parts, index) : part === HIDDEN && parts[index - 2] === HIDDEN),
    )
    .join('');
}

const isHidden = (parts: readonly string[], between: number): boolean =>
  parts[between - 1] === HIDDEN && parts[between + 1] === HIDDEN;

function phrase(text: string, names: ReadonlySet<string>): string {
  if (text === '' || exact.has(text) || COUNT.test(text) || names.has(unquoted(text))) return text;
  if (text.length > LONGEST) return HIDDEN;
  for (const { parts, pattern } of templates) {
    const given = pattern.exec(text)?.slice(1);
    if (given) return parts.map((part, index) => part + shown(given[index], names)).join('');
  }
  return HIDDEN;
}

const shown = (given: string | undefined, names: ReadonlySet<string>): string =>
  given === undefined ? '' : names.has(unquoted(given)) ? given : NAME;

const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1');

/** The path, its ends, and its segments. */
function namesIn(path: string): Set<string> {
  const segments = path.split('/').filter(Boolean);
  return new Set([path, ...segments, ...segments.map((_, index) => segments.slice(index).join('/'))]);
}
