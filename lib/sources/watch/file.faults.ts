import type { SecretError } from '../../core/errors/index.js';
import {
  SecretAccessDeniedError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../core/errors/index.js';

/** Names the file and what is wrong with it; never a word of what it holds. */
export const brokenFile = (path: string, fault: string): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(`the file "${path}" ${fault}.`, {
    advice: 'Correct the file.',
  });

export const notAFile = (path: string): SecretConfigurationError =>
  new SecretConfigurationError(`"${path}" is no regular file.`, {
    advice: 'Give the path of a file; for a folder with a file a secret there is `directorySource`.',
  });

const ADVICE_MISSING =
  'Check the path (a relative one starts at the working directory of the process) and that its mount is there; it is looked at again.';

/** What an error of the file system means for who reads secrets from there. */
export function fileFault(path: string, error: unknown): SecretError {
  const code = errorCode(error);
  const cause = { cause: error };
  switch (code) {
    case 'ENOENT':
      return new SecretSourceUnavailableError(`"${path}" does not exist.`, { ...cause, advice: ADVICE_MISSING });
    case 'ENOTDIR':
      return new SecretSourceUnavailableError(`"${path}" is no folder, or lies below something that is none.`, {
        ...cause,
        advice: ADVICE_MISSING,
      });
    case 'EACCES':
    case 'EPERM':
      return new SecretAccessDeniedError(`this process may not read "${path}".`, {
        ...cause,
        advice: 'Give the user that runs the process the right to read it.',
      });
    case 'EISDIR':
      return notAFile(path);
    case undefined:
    default:
      return new SecretSourceUnavailableError(`"${path}" could not be read${code ? ` (${code})` : ''}.`, cause);
  }
}

/** Node’s name of what went wrong, e.g. `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
