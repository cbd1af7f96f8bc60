import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError } from '../../../core/errors/index.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import { inParallel } from './in-parallel.js';
import type { Results } from './kv.names.js';
import { KIND } from './vault.source.errors.js';

/** Works on each name, several at a time; an error concerns its name alone. Nothing given is nothing found. */
export async function eachName(
  names: readonly string[],
  limit: number,
  results: Results,
  work: (name: string) => Promise<SecretVersion | undefined>,
): Promise<void> {
  let refused: SecretError | undefined;
  await inParallel(names, limit, async (name) => {
    try {
      if (refused) throw refused;
      const version = await work(name);
      if (version) results.set(name, version);
    } catch (error) {
      if (!isSecretError(error)) throw error;
      // Who refuses our credentials, or asks for fewer requests, is not asked for the rest.
      if (error.code === 'SECRET_AUTHENTICATION' || error.code === 'SECRET_THROTTLED') refused ??= error;
      if (!isPlainlyAbsent(error)) results.set(name, error.located({ secretName: name, sourceKind: KIND }));
    }
  });
}

/** A deleted or destroyed version has a text of its own; of what never was there is nothing to tell. */
function isPlainlyAbsent(error: SecretError): boolean {
  return error.code === 'SECRET_NOT_FOUND' && !/version \d+ was/.test(error.reason);
}
