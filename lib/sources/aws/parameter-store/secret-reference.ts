import type { JsonArray } from '../../../core/secret/json.js';
import { parseJsonForReading } from '../../../core/secret/json.js';
import { jsonMembers } from '../../../core/secret/json-fields.js';

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

/** The text of what stands at a path inside a JSON text, as it is written there; undefined where nothing does. Empty and false values are values, null is none. */
export function walk(text: string, path: readonly string[]): string | undefined {
  let written = text;
  for (const key of path) {
    const found = memberOf(written, key);
    if (found === undefined || found === 'null') return undefined;
    written = found.startsWith('"') ? (JSON.parse(found) as string) : found;
  }
  return written;
}

function memberOf(text: string, key: string): string | undefined {
  if (!/^\s*\[/.test(text)) return jsonMembers(text)?.find(({ name }) => name === key)?.raw;
  const list = parseJsonForReading(text);
  const item = list !== undefined && Object.hasOwn(list, key) ? (list as JsonArray)[Number(key)] : undefined;
  return item === undefined ? undefined : JSON.stringify(item);
}
