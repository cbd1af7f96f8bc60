import { jsonMembers, memberValue } from '../../core/secret/json-fields.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { FileContent } from './file.content.js';

/** The members of a JSON object, each a secret; see `memberValue` for what becomes of numbers and null. */
export function parseJsonFile(text: string): FileContent {
  const members = jsonMembers(text);
  if (!members) return { fault: 'holds no JSON object' };
  const values = new Map<string, SecretValue>();
  for (const { name, raw } of members) {
    const value = memberValue(raw);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}
