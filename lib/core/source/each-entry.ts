import type { SecretError } from '../errors/index.js';
import { isSecretError, SecretConfigurationError } from '../errors/index.js';
import type { SecretVersion } from '../secret/secret-version.js';

/**
 * One entry of a bulk: what is wrong with its value (a number that no double holds, nesting without end) is that entry's error, and takes none of the
 * others away. The foreign error's text is not kept, for it may quote the value.
 */
export function entryOrError(secretName: string, make: () => SecretVersion): SecretVersion | SecretError {
  try {
    return make();
  } catch (error) {
    if (isSecretError(error)) return error.located({ secretName });
    return new SecretConfigurationError('its value can’t be read.', { secretName, cause: error });
  }
}
