import type { SecretError } from '../../../core/errors/index.js';
import {
  isSecretError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { foreignLabel } from '../../../core/errors/foreign-text.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { needed } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { fileTrouble, readCredentialText } from '../../watch/index.js';

/** What proves who we are: as text, as the content of a file (without the white space around it), or from a function. Files and functions are read again at each login. */
export type VaultCredential = string | { readonly file: string } | (() => Promise<string>);

export const CREDENTIAL_FILE: OptionKinds<{ readonly file: string }> = { file: needed('text') };

/** Throws SecretConfigurationError for what is not a credential; a text may be empty, as a variable may be. */
export function checkCredential(credential: VaultCredential | undefined, option: string, taker: string): void {
  if (credential === undefined || typeof credential === 'string' || typeof credential === 'function') return;
  if (typeof credential === 'object') ownOptions(credential, CREDENTIAL_FILE, taker, { within: option });
  else throw new SecretConfigurationError(`Option "${option}" of ${taker} is text, \`{ file }\`, or a function.`);
}

/**
 * @param what stands in errors, e.g. `secretId`.
 * @throws SecretAuthenticationError where the file can't be read, the function fails, or there is nothing in it; SecretSourceUnavailableError for a file
 * that is not there yet, or is empty: it may be written a moment later, and a start waits for it.
 */
export async function readCredential(credential: VaultCredential, what: string): Promise<string> {
  const text = await read(credential, what);
  if (typeof text === 'string' && text !== '') return text;
  if (typeof credential === 'function') throw unusable(what, 'is empty.', 'Have its function give text.');
  if (typeof credential === 'string') throw unusable(what, 'is empty.', 'Give it, or the variable that it comes from.');
  throw notYet(what, `is empty: there is nothing in "${credential.file}".`, 'Write it to the file.');
}

async function read(credential: VaultCredential, what: string): Promise<string> {
  if (typeof credential === 'string') return credential;
  if (typeof credential === 'function') {
    try {
      return await credential();
    } catch (cause) {
      if (isSecretError(cause)) throw cause;
      const reason = `is not given by its function: ${foreignLabel(cause)}.`;
      throw unusable(what, reason, 'Correct the function, or what it asks.', cause);
    }
  }
  try {
    return (await readCredentialText(credential.file)).trim();
  } catch (cause) {
    const { reason, advice } = fileTrouble(credential.file, cause);
    const made = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' ? notYet : unusable;
    throw made(what, `can't be read: ${reason}`, advice, cause);
  }
}

function notYet(what: string, why: string, advice: string, cause?: unknown): SecretError {
  return new SecretSourceUnavailableError(`the credential \`${what}\` for the login at Vault ${why}`, {
    cause,
    advice,
  });
}

function unusable(what: string, why: string, advice: string, cause?: unknown): SecretAuthenticationError {
  return new SecretAuthenticationError(`the credential \`${what}\` for the login at Vault ${why}`, { cause, advice });
}
