import { isBytes } from '../secret/secret-value.js';
import type { Masking } from './masking.js';
import { ObjectContents } from './object-content.js';
import { placesIn } from './search.js';

/**
 * A thing with its secrets masked, wherever in it they are: texts, keys, numbers, bytes, errors, maps and sets. What holds none comes back as it is; of
 * what does, there is a copy of the same class, but that errors are changed themselves, for they are known by identity.
 */
export function maskedCopy<T>(value: T, masking: Masking): T {
  if (typeof value === 'string') return masking.mask(value) as T;
  if (isLeaf(value)) return maskedLeaf(value, masking) as T;
  const contents = new ObjectContents();
  const showing = objectsThatShow(value as object, masking, contents);
  return showing.size === 0 ? value : (new Copying(masking, showing, contents).of(value) as T);
}

/** What has no parts. A function shows its source, which holds no value that came later. */
const isLeaf = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || isBytes(value) || value instanceof String;

/** Digits that may be a secret: shorter ones are none. */
const LONG_NUMBER = 9_999_999;

function textOfLeaf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value > LONG_NUMBER || value < -LONG_NUMBER ? String(value) : undefined;
  }
  if (typeof value === 'symbol') return value.description;
  return value instanceof String ? String(value) : undefined;
}

function showsSecret(value: unknown, { matcher }: Masking): boolean {
  const text = isBytes(value) ? Buffer.from(value).toString('latin1') : textOfLeaf(value);
  return text !== undefined && placesIn(text, matcher).length > 0;
}

function maskedLeaf(value: unknown, masking: Masking): unknown {
  if (isBytes(value)) return masking.maskBytes(value);
  const text = textOfLeaf(value);
  if (text === undefined) return value;
  const masked = masking.mask(text);
  if (masked === text) return value;
  return typeof value === 'symbol' ? Symbol(masked) : masked;
}

/** Those that hold a secret, and all that lead to one: a copy must not lead back to what it is a copy of. */
function objectsThatShow(root: object, masking: Masking, contents: ObjectContents): Set<object> {
  const showing = new Set<object>();
  const leadingTo = new Map<object, object[]>([[root, []]]);
  const left = [root];
  for (let object = left.pop(); object; object = left.pop()) {
    for (const { key, value } of contents.of(object)) {
      const isShown = isLeaf(value) && showsSecret(value, masking);
      if (isShown || (typeof key === 'string' && showsSecret(key, masking))) markAll(object, leadingTo, showing);
      if (isLeaf(value)) continue;
      const known = leadingTo.get(value as object);
      if (known) known.push(object);
      else {
        leadingTo.set(value as object, [object]);
        left.push(value as object);
      }
      if (showing.has(value as object)) markAll(object, leadingTo, showing);
    }
  }
  return showing;
}

function markAll(object: object, leadingTo: ReadonlyMap<object, readonly object[]>, showing: Set<object>): void {
  const left = [object];
  for (let next = left.pop(); next; next = left.pop()) {
    if (showing.has(next)) continue;
    showing.add(next);
    left.push(...(leadingTo.get(next) ?? []));
  }
}

class Copying {
  readonly #made = new Map<object, object>();
  readonly #masking: Masking;
  readonly #showing: ReadonlySet<object>;
  readonly #contents: ObjectContents;

  constructor(masking: Masking, showing: ReadonlySet<object>, contents: ObjectContents) {
    this.#masking = masking;
    this.#showing = showing;
    this.#contents = contents;
  }

  of(value: unknown): unknown {
    if (isLeaf(value)) return maskedLeaf(value, this.#masking);
    const object = value as object;
    if (!this.#showing.has(object)) return object;
    return this.#made.get(object) ?? this.#copy(object);
  }

  #copy(object: object): unknown {
    const content = this.#contents.of(object);
    if (object instanceof Error) return this.#error(object);
    if (object instanceof Map) {
      const map = this.#keep(object, new Map<unknown, unknown>());
      for (const { key, value } of content) map.set(this.of(key), this.of(value));
      return map;
    }
    if (object instanceof Set) {
      const set = this.#keep(object, new Set<unknown>());
      for (const { value } of content) set.add(this.of(value));
      return set;
    }
    if (Array.isArray(object)) {
      const list = this.#keep(object, [] as unknown[]);
      for (const { key, value } of content) Reflect.set(list, key as PropertyKey, this.of(value));
      list.length = object.length;
      return list;
    }
    const [only] = content;
    if (only && only.key === undefined) return this.of(only.value); // what it says of itself as JSON
    const copy = this.#keep(object, Object.create(Object.getPrototypeOf(object) as object | null) as object);
    for (const { key, value } of content) {
      const own = { enumerable: true, configurable: true, writable: true };
      Object.defineProperty(copy, this.of(key) as PropertyKey, { ...own, value: this.of(value) });
    }
    return copy;
  }

  #keep<T extends object>(object: object, copy: T): T {
    this.#made.set(object, copy);
    return copy;
  }

  #error(error: Error): Error {
    this.#keep(error, error);
    const isChanged = this.#contents.of(error).every(({ key, value }) => {
      const masked = this.of(value);
      return masked === value || redefine(error, key as PropertyKey, masked);
    });
    if (isChanged) return error;
    // It is frozen: another one is told in its place.
    const other = this.#keep(error, new Error(this.#masking.mask(error.message)));
    other.name = this.#masking.mask(error.name);
    other.stack = this.#masking.mask(String(error.stack));
    return other;
  }
}

function redefine(error: Error, key: PropertyKey, value: unknown): boolean {
  const enumerable = Object.getOwnPropertyDescriptor(error, key)?.enumerable ?? false;
  return Reflect.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
