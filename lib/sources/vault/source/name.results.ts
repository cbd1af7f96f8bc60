import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError } from '../../../core/errors/index.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';
import { inParallel } from '../../../core/source/in-parallel.js';
import type { Results } from './kv.names.js';
import { at } from '../errors/vault.source.errors.js';

/** Works on each name, several at a time; an error concerns its name alone. Nothing given is nothing found. */
export async function eachName(
  names: readonly string[],
  limit: number,
  results: Results,
  work: (name: string) => Promise<SecretVersion | SecretError | undefined>,
): Promise<void> {
  let refused: SecretError | undefined;
  await inParallel(names, limit, async (name) => {
    try {
      if (refused) throw refused;
      const version = await work(name);
      if (version) results.set(name, version);
    } catch (error) {
      if (!isSecretError(error)) throw error;
      if (concernsAll(error)) refused ??= error;
      if (!isPlainlyAbsent(error)) results.set(name, error.located(at(name)));
    }
  });
}

/** What a value of Vault's becomes: where it can't be one, that is the error of this name, and of no other. */
export function valueOrError(name: string, make: () => SecretVersion): SecretVersion | SecretError {
  const made = entryOrError(name, make);
  return isSecretError(made) ? made.located(at(name)) : made;
}

/** True for what the whole reading fails with where one name's does: nothing can be told of the others. */
export const failsAll = ({ code }: SecretError): boolean =>
  code === 'SECRET_AUTHENTICATION' || code === 'SECRET_THROTTLED' || code === 'SECRET_SOURCE_UNAVAILABLE';

/** Who refuses our credentials, asks for fewer requests, or can’t be reached, is not asked for the rest. */
function concernsAll({ code, cause }: SecretError): boolean {
  if (code === 'SECRET_AUTHENTICATION' || code === 'SECRET_THROTTLED') return true;
  return (cause as { name?: string } | undefined)?.name === 'VaultConnectionError';
}

/** A deleted or destroyed version has a text of its own; of what never was there is nothing to tell. */
function isPlainlyAbsent(error: SecretError): boolean {
  return error.code === 'SECRET_NOT_FOUND' && !/version \d+ was/.test(error.reason);
}
