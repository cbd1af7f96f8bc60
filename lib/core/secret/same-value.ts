import { isDeepStrictEqual } from 'node:util';

/** True where two values read the same. JSON may order its keys differently. */
export function isSameValue(a: unknown, b: unknown): boolean {
  // Node loads what compares deeply when it is first asked for, and most secrets are text.
  if (typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b);
  return isDeepStrictEqual(a, b);
}
