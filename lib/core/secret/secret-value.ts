import { SecretConfigurationError } from '../errors/index.js';
import type { JsonArray, JsonObject, ReadonlyJson, ReadonlyJsonObject } from './json.js';

/** What a source gives: text, bytes, or a JSON object or array. */
export type SecretValue = string | Uint8Array | JsonObject | JsonArray;

/** A value of unknown shape as readers get it: frozen all the way down. */
export type ReadonlySecretValue = string | Uint8Array | ReadonlyJsonObject | readonly ReadonlyJson[];

/** A value as readers get it: frozen all the way down; bytes are a fresh copy at each read. */
export type DeepReadonly<T> = T extends
  string | number | boolean | bigint | symbol | null | undefined | Uint8Array | Date
  ? T
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T;

/** How deep a structured value may be nested. */
export const MAX_DEPTH = 200;

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (jest's vm contexts, workers) have another Object.prototype: plain is what has nothing above it.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Copies a value on its way in and freezes it, so that nobody can change what others read. Throws for anything that is not text, bytes or JSON.
 * @param whose names it where the app gave it, e.g. by {@link whoseValue}.
 */
export function copyIn(value: unknown, whose = "A secret's value"): SecretValue {
  if (typeof value === 'string') return value;
  if (isBytes(value)) return Uint8Array.from(value);
  if (typeof value === 'object' && value !== null) return copy(value, whose, 'value', 0) as SecretValue;
  throw new SecretConfigurationError(
    `${whose} is ${value === null || value === undefined ? String(value) : `a ${typeof value}`}. Give a string, a Uint8Array, or a JSON object or array.`,
  );
}

/** Whose value it is, as who called `taker` knows it. */
export const whoseValue = (taker: string, name: string): string => `${taker}: the value of ${JSON.stringify(name)}`;

/** True for bytes, of this or another realm. */
export function isBytes(value: unknown): value is Uint8Array {
  if (typeof value !== 'object') return false;
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function copy(value: unknown, whose: string, path: string, depth: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'object') {
    if (depth === MAX_DEPTH) throw new SecretConfigurationError(`${whose} is nested deeper than ${MAX_DEPTH} levels.`);
    if (Array.isArray(value)) {
      // An array of this realm, also of what another realm's structuredClone made: equal values compare as equal.
      return Object.freeze(
        Array.from(value, (item, index) => copy(item ?? null, whose, `${path}.${index}`, depth + 1)),
      );
    }
    if (isPlain(value)) {
      const result: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) {
        if (item === undefined) continue; // as JSON does
        // defineProperty, for an own key "__proto__" is data here and must not become the prototype.
        Object.defineProperty(result, key, { value: copy(item, whose, `${path}.${key}`, depth + 1), enumerable: true });
      }
      return Object.freeze(result);
    }
  }
  throw new SecretConfigurationError(
    `${whose} is not JSON at "${path}". Give strings, finite numbers, booleans, null, arrays and plain objects only.`,
  );
}

/** Freezes plain objects and arrays all the way down; for what a schema or a hook made of a value, which may also hold dates or classes. */
export function deepFreeze<T>(value: T): T {
  // A list of what is left, and no recursion: what others made may be nested without end.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const item = left.pop();
    if (typeof item !== 'object' || item === null || Object.isFrozen(item)) continue;
    if (!Array.isArray(item) && !isPlain(item)) continue;
    Object.freeze(item);
    for (const key of Reflect.ownKeys(item)) left.push((item as Record<PropertyKey, unknown>)[key]);
  }
  return value;
}

/** Freezes what `JSON.parse` gave, all the way down; false where it is nested deeper than a value may be. */
export function freezeJson(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === MAX_DEPTH) return false;
  Object.freeze(value);
  for (const item of Object.values(value)) if (!freezeJson(item, depth + 1)) return false;
  return true;
}
