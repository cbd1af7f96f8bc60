import { Buffer } from 'node:buffer';
/** What stands for a character or several, and how many characters of the text it takes. */
interface Escape {
  readonly stands: string;
  readonly length: number;
}

/** A way of writing characters by others. */
export interface Escaping {
  /** What every escape begins with. */
  readonly sign: string;
  /** The escape that begins here; undefined where there is none. */
  read(text: string, at: number): Escape | undefined;
  /** Where at the end of a text an escape may have begun that isn't whole; undefined where none has. */
  cutOff(text: string): number | undefined;
}

const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' };
const HEX4 = /[0-9a-fA-F]{4}/y;
const HEX2 = /[0-9a-fA-F]{2}/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

const character = (stands: string, length: number): Escape => ({ stands, length });

/** Of JSON and JavaScript. Where `util.inspect` divides a text of several lines (`'…\n' +`), the parts belong together. */
const backslash: Escaping = {
  sign: '\\',
  read(text, at) {
    const letter = text[at + 1];
    if (letter === undefined) return undefined;
    if (letter === 'u' || letter === 'x') {
      const code = matchAt(letter === 'u' ? HEX4 : HEX2, text, at + 2);
      return code === undefined ? undefined : character(String.fromCharCode(parseInt(code, 16)), 2 + code.length);
    }
    if (letter === 'n') return character('\n', 2 + (matchAt(DIVIDED, text, at + 2)?.length ?? 0));
    return character(Object.hasOwn(SHORT, letter) ? SHORT[letter]! : letter, 2);
  },
  cutOff: (text) => /\\(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?|n(?:['"`] ?\+?\s*)?)?$/.exec(text.slice(-80))?.[0].length,
};
const DIVIDED = /(['"`]) \+\n\s*\1/y;

/** Of URLs. A byte beyond ASCII stands for itself: patterns have such bytes as characters, too. */
const percent: Escaping = {
  sign: '%',
  read(text, at) {
    const code = matchAt(HEX2, text, at + 1);
    return code === undefined ? undefined : character(String.fromCharCode(parseInt(code, 16)), 3);
  },
  cutOff: (text) => /%[0-9a-fA-F]?$/.exec(text.slice(-2))?.[0].length,
};

const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp));/y;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

const BEGINS_ENTITY: ReadonlySet<number> = new Set([...'#algqn'].map((letter) => letter.charCodeAt(0)));

/** Of HTML and XML. */
const entity: Escaping = {
  sign: '&',
  read(text, at) {
    if (!BEGINS_ENTITY.has(text.charCodeAt(at + 1))) return undefined; // an & of a URL
    ENTITY.lastIndex = at;
    const found = ENTITY.exec(text);
    if (!found) return undefined;
    const [whole, decimal, hex, name] = found;
    if (name !== undefined) return character(NAMED[name]!, whole.length);
    const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
    return code > 0x10ffff ? undefined : character(String.fromCodePoint(code), whole.length);
  },
  cutOff: (text) => /&(?:#?[0-9a-zA-Z]{0,8})$/.exec(text.slice(-10))?.[0].length,
};

const NUMBERS = /\[\s*\d{1,3}(?:,\s*\d{1,3}){3,}(?=[,\s\]])/y;

/** Bytes as numbers: `"data":[112,97]` of a Buffer's JSON, `Uint8Array(2) [ 112, 97 ]` of an inspection. */
const numbers: Escaping = {
  sign: '[',
  read(text, at) {
    // Most of what stands in brackets are not numbers.
    const next = text.charCodeAt(at + 1);
    if ((next < 0x30 || next > 0x39) && next !== 0x20 && next !== 0x0a) return undefined;
    const list = matchAt(NUMBERS, text, at);
    if (list === undefined) return undefined;
    const bytes = list.slice(1).split(',').map(Number);
    if (bytes.some((byte) => byte > 255)) return undefined;
    return character(`[${Buffer.from(bytes).toString('latin1')}`, list.length);
  },
  cutOff: (text) => /\[[\d,\s]*$/.exec(text.slice(-LONGEST_LIST))?.[0].length,
};
const LONGEST_LIST = 65_536;

export const escapings: readonly Escaping[] = [backslash, percent, entity, numbers];
