import { isBytes } from '../secret/secret-value.js';

/** A part of an object. Without a key: what the object says of itself as JSON, in place of its parts. */
export interface Part {
  readonly key: unknown;
  readonly value: unknown;
}

const NOTHING: readonly Part[] = [];

/** The parts of objects, each asked once: getters and `toJSON` may make something else each time. */
export class ObjectContents {
  readonly #known = new Map<object, readonly Part[]>();

  of(object: object): readonly Part[] {
    const known = this.#known.get(object) ?? contentOf(object);
    this.#known.set(object, known);
    return known;
  }
}

/** The parts of an object that are shown where it is printed or sent. */
function contentOf(object: object): readonly Part[] {
  if (object instanceof Map)
    return [...object].map(([key, value]) => ({ key: key as unknown, value: value as unknown }));
  if (object instanceof Set) return [...object].map((value) => ({ key: '', value: value as unknown }));
  if (object instanceof Date || object instanceof RegExp || ArrayBuffer.isView(object)) return NOTHING;
  if (object instanceof Error) {
    const keys = new Set<PropertyKey>(['message', 'stack', ...('cause' in object ? ['cause'] : [])]);
    for (const key of Reflect.ownKeys(object)) keys.add(key);
    return [...keys].map((key) => ({ key, value: property(object, key) }));
  }
  const json = jsonOf(object);
  if (json !== object) return [{ key: undefined, value: json }];
  const parts: Part[] = [];
  for (const key of Reflect.ownKeys(object)) {
    if (Object.getOwnPropertyDescriptor(object, key)?.enumerable) parts.push({ key, value: property(object, key) });
  }
  return parts;
}

function jsonOf(object: object): unknown {
  const toJson = property(object, 'toJSON');
  if (typeof toJson !== 'function' || isBytes(object)) return object;
  try {
    return (toJson as () => unknown).call(object);
  } catch {
    return object;
  }
}

/** A property may be a getter that throws. */
function property(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}
