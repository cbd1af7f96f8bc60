import type { FileContent } from './file.content.js';

/**
 * One assignment, as the package `dotenv` (and with it `@nestjs/config`) reads it: `NAME=value`, `export NAME=value`, `NAME: value`; quoted by
 * `'`, `"` or a backtick a value may run over several lines, unquoted it ends at `#` or the end of the line.
 */
const ASSIGNMENT =
  /[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=[^\S\n]*|:[^\S\n]+)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\n]*)[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const NOTHING = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;

/**
 * The assignments of a `.env` file. Unlike dotenv, which passes over what it doesn't understand, it refuses a file with such a line: half a
 * file, or a quote that nobody closed, must not take secrets away or change them. (Node's own `util.parseEnv` makes up names from such lines.)
 */
export function parseEnvFile(text: string): FileContent {
  const lines = text.replace(/\r\n?/g, '\n');
  const values = new Map<string, string>();
  for (let at = 0; at < lines.length;) {
    const [blank] = matchAt(NOTHING, lines, at) ?? [];
    const [assignment, name, raw] = blank === undefined ? (matchAt(ASSIGNMENT, lines, at) ?? []) : [];
    const value = raw === undefined ? undefined : unquote(raw.trim());
    if (name !== undefined && value !== undefined) values.set(name, value);
    else if (blank === undefined) return { fault: faultAt(lines, at) };
    at += (blank ?? assignment ?? '').length;
  }
  return values;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Undefined where a quote is opened and not closed. */
function unquote(value: string): string | undefined {
  const quote = value.charAt(0);
  if (quote === '' || !`'"\``.includes(quote)) return value;
  if (value.length < 2 || !value.endsWith(quote)) return undefined;
  const inner = value.slice(1, -1);
  return quote === '"' ? inner.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : inner;
}

function faultAt(text: string, at: number): string {
  const line = text.slice(0, at).split('\n').length;
  return `is broken at line ${line}: neither an assignment, nor a comment, nor a value whose quotes are closed`;
}
