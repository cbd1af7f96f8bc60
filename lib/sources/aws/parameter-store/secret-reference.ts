import { parseJsonForReading } from '../../../core/secret/json.js';
import type { JsonValue } from '../../../core/secret/json.js';

/** Below it Parameter Store shows the secrets of Secrets Manager. */
const ROOT = '/aws/reference/secretsmanager/';

export const isReference = (id: string): boolean => id.startsWith(ROOT);

/**
 * What `…/app/db/password` may mean: the secret of that name, or `password` in the JSON of `app/db`, or `db`, `password` in that of `app`.
 * Longest name first.
 */
export function readingsOf(id: string): readonly { readonly id: string; readonly path: readonly string[] }[] {
  const parts = id.slice(ROOT.length).split('/');
  return parts.map((_, index) => {
    const length = parts.length - index;
    return { id: ROOT + parts.slice(0, length).join('/'), path: parts.slice(length) };
  });
}

/** What stands at a path inside a JSON text; undefined where nothing does. Empty and false values are values. */
export function walk(text: string, path: readonly string[]): JsonValue | undefined {
  let value: unknown = parseJsonForReading(text);
  for (const key of path) {
    if (typeof value === 'string') value = parseJsonForReading(value);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value as JsonValue | undefined;
}
