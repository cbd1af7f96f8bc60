import { isBytes } from '../core/secret/secret-value.js';

/** What kind of value it is, with the names of its fields; nothing of a value, nor of its length. */
export function shapeOf(value: unknown): string {
  if (isBytes(value)) return 'bytes';
  if (typeof value === 'string') return value === '' ? 'empty text' : 'text';
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `${typeof value}`;
  const fields = Object.keys(value);
  return fields.length === 0 ? 'object without fields' : `object: ${fields.join(', ')}`;
}
