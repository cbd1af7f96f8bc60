import { readFile } from 'node:fs/promises';
import { isSecretError, SecretAuthenticationError, SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { needed } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';

/** What proves who we are: as text, as the content of a file (without the white space around it), or from a function. Files and functions are read again at each login. */
export type VaultCredential = string | { readonly file: string } | (() => Promise<string>);

export const CREDENTIAL_FILE: OptionKinds<{ readonly file: string }> = { file: needed('text') };

/** Throws SecretConfigurationError for what is no credential; a text may be empty, as a variable may be. */
export function checkCredential(credential: VaultCredential | undefined, option: string, taker: string): void {
  if (credential === undefined || typeof credential === 'string' || typeof credential === 'function') return;
  if (typeof credential === 'object') ownOptions(credential, CREDENTIAL_FILE, taker, { within: option });
  else throw new SecretConfigurationError(`Option "${option}" of ${taker} is text, \`{ file }\`, or a function.`);
}

/**
 * @param what stands in errors, e.g. `secretId`.
 * @throws SecretAuthenticationError where the file can't be read, the function fails, or there is nothing in it: a file may be written a moment later.
 */
export async function readCredential(credential: VaultCredential, what: string): Promise<string> {
  const text = await read(credential, what);
  if (typeof text === 'string' && text !== '') return text;
  throw unusable(what, 'is empty');
}

async function read(credential: VaultCredential, what: string): Promise<string> {
  if (typeof credential === 'string') return credential;
  try {
    return typeof credential === 'function' ? await credential() : (await readFile(credential.file, 'utf8')).trim();
  } catch (cause) {
    if (isSecretError(cause)) throw cause;
    const failed = typeof credential === 'function' ? 'is not given by its function' : `can't be read from its file`;
    throw unusable(what, failed, cause);
  }
}

function unusable(what: string, why: string, cause?: unknown): SecretAuthenticationError {
  return new SecretAuthenticationError(`the credential \`${what}\` for the login at Vault ${why}.`, {
    cause,
    advice: 'It is read again at each login.',
  });
}
