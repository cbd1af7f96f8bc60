import type { SecretErrorDetails } from '../errors/index.js';
import { SecretConfigurationError } from '../errors/index.js';
import { isPlain } from './own-options.js';

/**
 * The entries of what has secrets' names as keys: only own properties.
 * Throws SecretConfigurationError for a Map, a list, a Promise and whatever else has no such keys, and would be taken for an empty one.
 * @param what as its user knows it, e.g. `The option "schema" of HcpVaultModule`.
 */
export function ownEntries<V>(
  given: Readonly<Record<string, V>> | undefined,
  what: string,
  details: SecretErrorDetails = {},
): [name: string, value: V][] {
  const record: unknown = given === undefined ? {} : given;
  const holds = typeof record === 'object' && record !== null && !Array.isArray(record);
  if (!holds || (!isPlain(record) && Object.keys(record).length === 0)) {
    throw new SecretConfigurationError(`${what} is an object with secrets' names as keys.`, details);
  }
  return Object.entries(record as Readonly<Record<string, V>>);
}
