import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';

/** The shape of a value: kinds and keys, and nothing else of it. */
export type ValueType =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'bytes' | 'unknown' }
  | { readonly kind: 'array'; readonly items: readonly ValueType[] }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Field> };

export interface Field {
  readonly type: readonly ValueType[];
  /** Some of the objects that are typed together lack it. */
  readonly isOptional: boolean;
}

/** Deeper than this a shape says little, and its text is long. */
const DEEPEST = 8;

export function typeOf(value: SecretValue): ValueType {
  return isBytes(value) ? { kind: 'bytes' } : typeOfJson(value, 0);
}

function typeOfJson(value: unknown, depth: number): ValueType {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: typeof value as 'string' };
  }
  if (typeof value !== 'object' || depth === DEEPEST) return { kind: 'unknown' };
  if (Array.isArray(value)) return { kind: 'array', items: merged(value.map((item) => typeOfJson(item, depth + 1))) };
  const fields = Object.entries(value).map(
    ([name, item]) => [name, { type: [typeOfJson(item, depth + 1)], isOptional: false }] as const,
  );
  return { kind: 'object', fields: new Map(fields) };
}

/** The fewest types that cover all: objects become one, with the keys that only some have as optional ones, and so do arrays. */
export function merged(types: readonly ValueType[]): readonly ValueType[] {
  const objects = types.filter((type) => type.kind === 'object');
  const arrays = types.filter((type) => type.kind === 'array');
  const plain = new Map(
    types.filter(({ kind }) => kind !== 'object' && kind !== 'array').map((type) => [type.kind, type]),
  );
  if (plain.has('unknown')) return [{ kind: 'unknown' }];
  return [
    ...plain.values(),
    ...(arrays.length > 0 ? [{ kind: 'array' as const, items: merged(arrays.flatMap(({ items }) => items)) }] : []),
    ...(objects.length > 0 ? [objectOf(objects.map(({ fields }) => fields))] : []),
  ];
}

function objectOf(all: readonly ReadonlyMap<string, Field>[]): ValueType {
  const names = new Set(all.flatMap((fields) => [...fields.keys()]));
  const field = (name: string): Field => {
    const found = all.flatMap((fields) => fields.get(name) ?? []);
    const isOptional = found.length < all.length || found.some((one) => one.isOptional);
    return { type: merged(found.flatMap(({ type }) => type)), isOptional };
  };
  return { kind: 'object', fields: new Map([...names].map((name) => [name, field(name)])) };
}
