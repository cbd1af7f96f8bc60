import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { decodeUtf8 } from '../watch/index.js';
import { recordOf, senseless } from './kubernetes.errors.js';

/** One state of a Secret. Of its metadata nothing is kept but what names it: annotations may hold the whole of it once more. Hides its data. */
export class StoredSecret {
  readonly #data: Readonly<Record<string, string>>;

  constructor(
    readonly name: string,
    /** The server's `resourceVersion`: it changes with labels and annotations too. */
    readonly version: string,
    readonly uid: string,
    readonly isImmutable: boolean,
    data: Readonly<Record<string, string>>,
  ) {
    this.#data = data;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#data);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#data, key);
  }

  /** Text, or what JSON it holds; bytes where it is no UTF-8. */
  valueOf(key: string, json: boolean): SecretValue {
    const value = this.#textOf(key) ?? this.#bytesOf(key);
    return json ? withJsonParsed(value) : value;
  }

  /** All keys as fields of one object, which can't hold bytes: what is no UTF-8 stays in Base64. */
  fields(json: boolean): SecretValue {
    const entries = this.keys.map((key): [string, unknown] => {
      const text = this.shown(key);
      return [key, json ? withJsonParsed(text) : text];
    });
    return Object.fromEntries(entries) as SecretValue;
  }

  /** A key as a field of `fields`. */
  shown(key: string): string {
    return this.#textOf(key) ?? this.#data[key]!;
  }

  /** The Base64 of a key, as it is stored. */
  stored(key: string): string | undefined {
    return this.has(key) ? this.#data[key] : undefined;
  }

  #bytesOf(key: string): Uint8Array {
    return Uint8Array.from(Buffer.from(this.#data[key]!, 'base64'));
  }

  #textOf(key: string): string | undefined {
    return decodeUtf8(this.#bytesOf(key));
  }

  static {
    hideInOutput(StoredSecret.prototype, (self) => `[secret ${self.name}]`);
  }
}

/** @throws SecretSourceUnavailableError for what is no Secret. */
export function secretOf(answer: unknown): StoredSecret {
  const { name, version, uid } = metadataOf(answer);
  const { data, immutable } = recordOf(answer);
  const texts = Object.entries(recordOf(data)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return new StoredSecret(name, version, uid, immutable === true, Object.fromEntries(texts));
}

/** Of an object without its values. */
export const nameOf = (answer: unknown): string => metadataOf(answer).name;

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the list goes on. */
  readonly next: string | undefined;
  /** Of the moment at which all pages were so. */
  readonly version: string;
}

/** @throws SecretSourceUnavailableError for what is no list. */
export function pageOf<T>(answer: unknown, itemOf: (item: unknown) => T): Page<T> {
  const { items, metadata } = recordOf(answer);
  const { continue: next, resourceVersion: version } = recordOf(metadata);
  if (typeof version !== 'string' || version === '') throw senseless('is no list');
  // An empty list is `null` in some servers.
  const found = items === null || items === undefined ? [] : items;
  if (!Array.isArray(found)) throw senseless('is no list');
  return { items: found.map(itemOf), next: typeof next === 'string' && next !== '' ? next : undefined, version };
}

function metadataOf(answer: unknown): { readonly name: string; readonly version: string; readonly uid: string } {
  const { name, resourceVersion: version, uid } = recordOf(recordOf(answer)['metadata']);
  if (typeof name !== 'string' || typeof version !== 'string') throw senseless('holds no Secret');
  return { name, version, uid: typeof uid === 'string' ? uid : '' };
}
