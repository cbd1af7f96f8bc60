import { parseJsonForReading } from '../secret/json.js';
import { isBytes } from '../secret/secret-value.js';
import { isCommonWord } from './common-words.js';
import { SHORTEST_FORM } from './forms.js';

/** Fields that say where a database is and who logs in: RDS and others keep them beside the password, and logs are full of them. */
export const OPEN_FIELDS: ReadonlySet<string> = new Set(['engine', 'host', 'port', 'dbname', 'username']);

/** What of a value is looked for in text. */
export interface SecretParts {
  readonly parts: readonly (string | Uint8Array)[];
  /** How many were left out: too short, common words, open fields. */
  readonly left: number;
}

/** The value as a whole, its fields, the lines of a PEM, and the password of a URL. @param isExcepted of the path of a field. */
export function partsOf(value: unknown, isExcepted: (path: string) => boolean): SecretParts {
  const found = new Parts(isExcepted);
  found.whole(value);
  return { parts: [...found.parts.values()], left: found.left };
}

class Parts {
  readonly parts = new Map<unknown, string | Uint8Array>();
  left = 0;
  readonly #seen = new Set<object>();

  constructor(private readonly isExcepted: (path: string) => boolean) {}

  whole(value: unknown): void {
    if (typeof value === 'object' && value !== null && !isBytes(value)) {
      const text = jsonOf(value);
      if (text !== undefined) this.#add(text);
      this.#fields(value, '');
    } else {
      this.#leaf(value, '');
    }
  }

  #leaf(value: unknown, path: string): void {
    if (isBytes(value)) return this.#addBytes(value);
    if (typeof value === 'number' || typeof value === 'bigint') return this.#add(String(value));
    if (typeof value !== 'string') return;
    this.#add(value);
    const inside = parseJsonForReading(value);
    if (inside !== undefined) return this.#fields(inside, path);
    if (value.includes('-----BEGIN ')) for (const line of value.split(/\r?\n/)) this.#pemLine(line);
    else if (value.includes('://')) this.#urlPassword(value);
  }

  #fields(container: object, path: string): void {
    if (this.#seen.has(container)) return; // what a schema makes of a value may lead back to itself
    this.#seen.add(container);
    for (const [key, value] of Object.entries(container)) {
      const here = path === '' ? key : `${path}.${key}`;
      const isOpen = (!Array.isArray(container) && OPEN_FIELDS.has(key)) || this.isExcepted(here);
      if (isOpen) this.left += 1;
      else if (typeof value === 'object' && value !== null && !isBytes(value)) this.#fields(value as object, here);
      else this.#leaf(value, here);
    }
  }

  #pemLine(line: string): void {
    const text = line.trim();
    if (text.length >= SHORTEST_FORM && !text.startsWith('-----')) this.#add(text);
  }

  #urlPassword(value: string): void {
    // The last @ of the authority ends it: people write passwords unescaped, and then nothing parses them.
    const [, written] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:([^/?#]*)@/i.exec(value) ?? [];
    if (written === undefined) return;
    this.#add(written);
    const plain = decoded(written);
    if (plain !== written) this.#add(plain);
  }

  #add(text: string): void {
    if (text.length < SHORTEST_FORM || isCommonWord(text)) this.left += 1;
    else this.parts.set(text, text);
  }

  #addBytes(bytes: Uint8Array): void {
    if (bytes.length < SHORTEST_FORM) this.left += 1;
    else this.parts.set(bytes, bytes);
  }
}

/** What a schema made of a value may be no JSON. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
