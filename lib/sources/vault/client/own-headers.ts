import { SecretConfigurationError } from '../../../core/errors/index.js';
import { ownEntries } from '../../../core/options/own-entries.js';

/** Of Vault's protocol, of the connection, or of the body: those are the client's to set. */
const OURS = /^(?:x-vault-.*|host|connection|content-(?:type|length)|transfer-encoding|expect|upgrade|te|trailer)$/i;

/** Headers of the user's, which go with each request. Throws SecretConfigurationError, without values, for one that is ours or that no header can be. */
export function headersOf(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = ownEntries(given, 'Option "headers" (VAULT_HEADERS)');
  for (const [name, value] of entries) {
    const refuse = (why: string): never => {
      throw new SecretConfigurationError(`Option "headers" (VAULT_HEADERS): "${name}" ${why}.`);
    };
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuse('is not a name of a header');
    if (OURS.test(name)) refuse('is set by the client itself');
    if (typeof value !== 'string' || !/^[\t\x20-\x7e]*$/.test(value)) refuse('has a value that no header can carry');
  }
  return Object.fromEntries(entries);
}
