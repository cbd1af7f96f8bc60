import { parseJsonDocument } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { FileContent } from './file.content.js';

/**
 * The members of a JSON object, each a secret. A number or boolean becomes its text, as it is written (`1.50` stays `1.50`); null is no secret;
 * an object or array with an integer that a double can't hold stays its text.
 */
export function parseJsonFile(text: string): FileContent {
  if (!isJsonObject(text)) return { fault: 'holds no JSON object' };
  const values = new Map<string, SecretValue>();
  for (const { name, raw } of members(text)) {
    const value = valueOf(raw);
    if (value === undefined)
      values.delete(name); // of a name that is given twice the last one counts
    else values.set(name, value);
  }
  return values;
}

function isJsonObject(text: string): boolean {
  try {
    JSON.parse(text); // its error is dropped, as it quotes the text
    return /^\s*\{/.test(text);
  } catch {
    return false;
  }
}

function valueOf(raw: string): SecretValue | undefined {
  if (raw === 'null') return undefined;
  if (raw.startsWith('"')) return JSON.parse(raw) as string;
  return parseJsonDocument(raw) ?? raw;
}

/** The top level of a text that is known to be a JSON object, values as they are written: parsing numbers would change some of them. */
function* members(text: string): Generator<{ name: string; raw: string }> {
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
