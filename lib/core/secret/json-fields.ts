import { parseJsonDocument } from './json.js';
import type { SecretValue } from './secret-value.js';

/** One member of a JSON object, its value as it is written. */
export interface JsonMember {
  readonly name: string;
  readonly raw: string;
}

/**
 * The members of a JSON object in the order of the text; undefined where the text is none. Of a name that is given
 * twice the last one counts.
 */
export function jsonMembers(text: string): readonly JsonMember[] | undefined {
  if (!isJsonObject(text)) return undefined;
  const found = new Map<string, JsonMember>();
  for (const member of membersOf(text)) found.set(member.name, member);
  return [...found.values()];
}

/**
 * What a member is as a secret of its own: strings, objects and arrays stay what they are; a number or boolean becomes
 * its text, as it is written
 * (`1.50` stays `1.50`); null is not a secret; an object or array with an integer that a double can't hold stays its text.
 */
export function memberValue(raw: string): SecretValue | undefined {
  if (raw === 'null') return undefined;
  if (raw.startsWith('"')) return JSON.parse(raw) as string;
  return parseJsonDocument(raw) ?? raw;
}

function isJsonObject(text: string): boolean {
  try {
    JSON.parse(text); // its error is dropped, as it quotes the text
    return /^\s*\{/.test(text);
  } catch {
    return false;
  }
}

/**
 * The top level of a text that is known to be a JSON object, values as they are written: parsing numbers would change
 * some of them.
 */
function* membersOf(text: string): Generator<JsonMember> {
  let at = text.indexOf('{') + 1;
  for (;;) {
    const start = text.indexOf('"', at);
    if (start < 0) return;
    const colon = text.indexOf(':', endOfString(text, start));
    const name = JSON.parse(text.slice(start, endOfString(text, start))) as string;
    at = endOfValue(text, colon + 1);
    yield { name, raw: text.slice(colon + 1, at).trim() };
    at += 1;
  }
}

/** The index behind the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The index of the comma or brace that ends a member of the top level. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    const character = text.charAt(at);
    if (depth === 0 && (character === ',' || character === '}')) return at;
    if ('{['.includes(character)) depth += 1;
    if ('}]'.includes(character)) depth -= 1;
    at = character === '"' ? endOfString(text, at) : at + 1;
  }
  return text.length;
}
