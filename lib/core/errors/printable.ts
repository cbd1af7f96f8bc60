/**
 * What a terminal, a log viewer or a reader takes for something else than text: control characters (escape sequences begin with one), marks that
 * turn the direction of writing, and line separators.
 */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
export const UNPRINTABLE_BUT_LINES = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text from outside (a name, a path) as it may stand in a log line: what is not a string in it is U+FFFD. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');

/** The same for a text that may have several lines. */
export const printableLines = (text: string): string => text.replace(UNPRINTABLE_BUT_LINES, '\ufffd');

/** The same, cut: for what has no bound of its own, as a version that a source tells. */
export const printableStart = (text: string, most: number): string =>
  printable(text.length > most ? `${text.slice(0, most)}…` : text);

const BREAK = /\n(?! {4}at )/g;

/** A whole line of the log. It is one line but for a stack's places: nothing in it begins another. */
export const printableLine = (text: string): string => printableLines(text.replace(BREAK, '\ufffd'));
