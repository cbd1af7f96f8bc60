/**
 * TypeScript with its comments and the insides of its strings blanked, every other character in its place: brackets and names in it are
 * code. Undefined where it can't be told for sure: something is not closed, or a `/` may begin a regular expression.
 */
export function maskedText(text: string): string | undefined {
  const masked = text.split('');
  /** What is open: a bracket by what closes it, a template by its backtick. */
  const open: string[] = [];
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at++) if (masked[at] !== '\n' && masked[at] !== '\r') masked[at] = ' ';
  };

  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (open.at(-1) === '`') {
      if (character === '`') open.pop();
      else if (text.startsWith('${', at)) {
        open.push('${');
        blank(at, at + 2);
        at++;
      } else {
        const length = character === '\\' ? 2 : 1;
        blank(at, Math.min(at + length, text.length));
        at += length - 1;
      }
      continue;
    }
    if (text.startsWith('//', at) || text.startsWith('/*', at)) {
      const end = text[at + 1] === '/' ? lineEnd(text, at) : after(text, '*/', at + 2);
      if (end === undefined) return undefined;
      blank(at, end);
      at = end - 1;
    } else if (character === '/') return undefined;
    else if (character === "'" || character === '"') {
      const end = closing(text, at);
      if (end === undefined) return undefined;
      blank(at + 1, end);
      at = end;
    } else if (character === '`') open.push('`');
    else if (character in CLOSED_BY) open.push(CLOSED_BY[character]!);
    else if (character === '}' && open.at(-1) === '${') {
      open.pop();
      blank(at, at + 1);
    } else if (CLOSING.has(character) && open.pop() !== character) return undefined;
  }
  return open.length === 0 ? masked.join('') : undefined;
}

/** Where the bracket at this place of masked text is closed. */
export function closedAt(masked: string, from: number): number {
  let depth = 0;
  for (let at = from; at < masked.length; at++) {
    if (masked[at]! in CLOSED_BY) depth++;
    else if (CLOSING.has(masked[at]!) && --depth === 0) return at;
  }
  return masked.length;
}

const CLOSED_BY: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const CLOSING = new Set(Object.values(CLOSED_BY));

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function after(text: string, searched: string, from: number): number | undefined {
  const found = text.indexOf(searched, from);
  return found === -1 ? undefined : found + searched.length;
}

/** Of a string that begins here. */
function closing(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[from]) return at;
  }
  return undefined;
}
