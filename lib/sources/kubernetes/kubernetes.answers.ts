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

  /** Text, or what JSON it holds; bytes where it is not UTF-8. */
  valueOf(key: string, json: boolean): SecretValue {
    const value = this.#textOf(key) ?? this.#bytesOf(key);
    return json ? withJsonParsed(value) : value;
  }

  /** All keys as fields of one object, which can't hold bytes: what is not UTF-8 stays in Base64. */
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

/** What was asked for; undefined for any. */
export interface Expected {
  readonly namespace: string | undefined;
  readonly name?: string | undefined;
}

/** @throws SecretSourceUnavailableError for what is not a Secret, or another one: something in between may mix answers up. */
export function secretOf(answer: unknown, expected: Expected): StoredSecret {
  const { name, version, uid } = metadataOf(answer, expected);
  const { kind, data, immutable } = recordOf(answer);
  // Items of a list have none.
  if (kind !== undefined && kind !== 'Secret') throw senseless('holds no Secret');
  const texts = Object.entries(recordOf(data)).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') throw senseless('holds a key that is not a string');
    return [key, text];
  });
  return new StoredSecret(name, version, uid, immutable === true, Object.fromEntries(texts));
}

/** Of an object without its values. */
export const nameOf = (answer: unknown, expected: Expected): string => metadataOf(answer, expected).name;

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the list goes on. */
  readonly next: string | undefined;
  /** Of the moment at which all pages were so. */
  readonly version: string;
}

/** @throws SecretSourceUnavailableError for what is not a list. */
export function pageOf<T>(answer: unknown, itemOf: (item: unknown) => T): Page<T> {
  const { items, metadata } = recordOf(answer);
  const { continue: next, resourceVersion: version } = recordOf(metadata);
  if (typeof version !== 'string' || version === '') throw senseless('is not a list');
  // An empty list is `null` in some servers.
  const found = items === null || items === undefined ? [] : items;
  if (!Array.isArray(found)) throw senseless('is not a list');
  return { items: found.map(itemOf), next: typeof next === 'string' && next !== '' ? next : undefined, version };
}

interface Metadata {
  readonly name: string;
  readonly version: string;
  readonly uid: string;
}

function metadataOf(answer: unknown, expected: Expected): Metadata {
  const { name, namespace, resourceVersion: version, uid } = recordOf(recordOf(answer)['metadata']);
  if (typeof name !== 'string' || typeof version !== 'string') throw senseless('holds no Secret');
  const isOf = (asked: string | undefined, given: unknown): boolean => asked === undefined || given === asked;
  if (!isOf(expected.name, name) || !isOf(expected.namespace, namespace ?? expected.namespace))
    throw senseless('holds another Secret than was asked for');
  return { name, version, uid: typeof uid === 'string' ? uid : '' };
}
