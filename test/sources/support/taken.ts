import { isSecretError } from '../../../lib/core/errors/index.js';
import type { SecretError } from '../../../lib/core/errors/index.js';
import type { SecretVersion } from '../../../lib/core/secret/secret-version.js';

/** What a source gave for a name, where it is a version; fails the test otherwise. */
export function taken(result: SecretVersion | SecretError | undefined): SecretVersion {
  if (result === undefined || isSecretError(result)) throw result ?? new Error('it is absent');
  return result;
}
