import { property } from '../errors/foreign-cause.js';

/** Where schemas of the libraries that are known have the schemas within. */
const WAYS = [
  ['shape', 'entries'], // of these the keys are the schema's words
  ['element', 'item', 'items', 'rest', 'catchall', 'key', 'keyType', 'value', 'valueType', 'type', 'schema'],
  ['innerType', 'wrapped', 'options', 'pipe', 'in', 'out', 'left', 'right', 'getter', 'required', 'optional'],
  ['index', 'prefix', 'postfix', 'sequence', 'variadic', 'branches'],
].flat();

/** No schema that somebody wrote has more parts. */
const MOST_PARTS = 20_000;

/**
 * The keys that a schema's author wrote, wherever in the schema: zod's `shape`, valibot's `entries`, the properties of arktype's `json`. All other keys of a
 * value are its own, as those of a record are, and may be secrets. Undefined for a library that is not known, or a schema that doesn't tell.
 */
export function writtenKeys(schema: unknown, vendor: string): ReadonlySet<string> | undefined {
  if (!['zod', 'valibot', 'arktype'].includes(vendor)) return undefined;
  const keys = new Set<string>();
  const seen = new Set<unknown>();
  const open = [vendor === 'arktype' ? property(schema, 'json') : schema];
  while (open.length > 0 && seen.size < MOST_PARTS) {
    const part = open.pop();
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null || seen.has(part)) continue;
    seen.add(part);
    if (Array.isArray(part)) {
      for (const each of part as unknown[]) open.push(each);
      continue;
    }
    const key = property(part, 'key');
    if (vendor === 'arktype' && typeof key === 'string') keys.add(key);
    // zod 4, zod 3, and what is plain.
    const definition = property(property(part, '_zod'), 'def') ?? property(part, '_def') ?? part;
    for (const way of WAYS) {
      const given = property(definition, way);
      const within = typeof given === 'function' && (way === 'shape' || way === 'getter') ? made(given) : given;
      if (way !== 'shape' && way !== 'entries') open.push(within);
      else if (typeof within === 'object' && within !== null) {
        for (const name of Object.keys(within)) {
          keys.add(name);
          open.push(property(within, name));
        }
      }
    }
  }
  return seen.size > 1 || keys.size > 0 ? keys : undefined;
}

function made(make: unknown): unknown {
  try {
    return (make as () => unknown)();
  } catch {
    return undefined;
  }
}
