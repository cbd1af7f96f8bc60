import type { Hmac, KeyObject } from 'node:crypto';
import { createHmac, randomBytes } from 'node:crypto';
import { isBytes } from './secret-value.js';

// Random and never stored: a fingerprint tells equal from different within this process, and nothing to anybody who reads it in a log.
const key = randomBytes(32);

/** A truncated HMAC-SHA-256 of a value under the process's own random key: 22 characters; equal values give equal fingerprints. */
export function fingerprint(value: unknown): string {
  return truncated(withValue(createHmac('sha256', key), value));
}

/**
 * The same under a key that replicas share, of a secret's name and value: replicas call one state by one name, and two secrets of one value show
 * two fingerprints, so that nobody reads from a status that they are equal.
 */
export function sharedFingerprint(shared: KeyObject, name: string, value: unknown): string {
  return truncated(withValue(createHmac('sha256', shared).update(`${name.length}:${name}:`), value));
}

function withValue(hmac: Hmac, value: unknown): Hmac {
  if (isBytes(value)) return hmac.update('b').update(value);
  return typeof value === 'string' ? hmac.update('s').update(value) : hmac.update('j').update(stable(value));
}

const truncated = (hmac: Hmac): string => hmac.digest('base64url').slice(0, 22);

/** JSON with sorted keys: two backends, or two reads, may order one object differently. */
function stable(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${stable(item)}`).join(',')}}`;
}
