import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError } from '../../../core/errors/index.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';
import { concernsAll, eachName as eachNameOf } from '../../../core/source/each-name.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { at } from '../errors/vault.source.errors.js';
import { isHinted } from './kv.hint.js';
import type { Results } from './kv.names.js';

/** Requests under way at a time, of one reading. */
export const PARALLEL = 16;

/** Works on each name, several at a time, as all sources do. Nothing given is nothing found. */
export function eachName(
  names: readonly string[],
  results: Results,
  context: ReadContext,
  work: (name: string) => Promise<SecretVersion | SecretError | undefined>,
): Promise<void> {
  return eachNameOf(names, PARALLEL, results, context, async (name) => {
    try {
      return await work(name);
    } catch (error) {
      if (isSecretError(error) && isTold(error)) return error.located(at(name));
      throw error; // it may become the others' too, and so gets its name there
    }
  });
}

/** What a value of Vault's becomes: where it can't be one, that is the error of this name, and of no other. */
export function valueOrError(name: string, make: () => SecretVersion): SecretVersion | SecretError {
  const made = entryOrError(name, make);
  return isSecretError(made) ? made.located(at(name)) : made;
}

/**
 * What is wrong with one name of a listing is only that name's; what was deleted is listed all the same, and is none. What concerns all is the failure of
 * the whole reading, of which has been delivered what came.
 */
export function checkListed(results: Results): Results {
  for (const [name, result] of results) {
    if (!isSecretError(result)) continue;
    if (concernsAll(result)) throw result;
    if (result.code === 'SECRET_NOT_FOUND') results.delete(name);
  }
  return results;
}

/** A reading of all, without names that lead elsewhere. */
export async function without(
  taken: ReadonlyMap<string, unknown>,
  context: ReadContext,
  read: (context: ReadContext) => Promise<Results>,
): Promise<Results> {
  const own = (answers: ReadonlyMap<string, SecretVersion | SecretError>): Results =>
    new Map([...answers].filter(([name]) => !taken.has(name)));
  return own(await read({ ...context, deliver: (answers) => context.deliver?.(own(answers)) }));
}

/** A deleted or destroyed version has a text of its own, and a path that can't be meant; of what merely never was there is nothing to tell. */
const isTold = (error: SecretError): boolean =>
  error.code === 'SECRET_NOT_FOUND' && (isHinted(error) || /version \d+ was/.test(error.reason));
