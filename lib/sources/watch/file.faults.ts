import type { SecretError } from '../../core/errors/index.js';
import {
  isSecretError,
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
  new SecretConfigurationError(`"${path}" is not a regular file.`, {
    advice: 'Give the path of a file; for a folder with a file a secret there is `directorySource`.',
  });

const ADVICE_MISSING =
  'Check the path (a relative one starts at the working directory of the process) and that its mount is there.';

/** What is wrong with a file that can't be read, for an error of whoever wants it: a reason that names the file, and what to do. */
export function fileTrouble(path: string, error: unknown): { readonly reason: string; readonly advice: string } {
  if (isSecretError(error)) return { reason: error.reason, advice: error.advice };
  const code = errorCode(error);
  switch (code) {
    case 'ENOENT':
      return { reason: `"${path}" does not exist (${code}).`, advice: ADVICE_MISSING };
    case 'ENOTDIR':
      return {
        reason: `"${path}" is not a folder, or lies below something that is none (${code}).`,
        advice: ADVICE_MISSING,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        reason: `this process may not read "${path}" (${code}).`,
        advice: 'Give the user that runs the process the right to read it.',
      };
    case 'EISDIR':
      return { reason: `"${path}" is not a regular file (${code}).`, advice: 'Give the path of a file.' };
    case undefined:
    default:
      return { reason: `"${path}" could not be read${code ? ` (${code})` : ''}.`, advice: 'Check the path.' };
  }
}

/** What an error of the file system means for who reads secrets from there. */
export function fileFault(path: string, error: unknown): SecretError {
  const code = errorCode(error);
  if (code === 'EISDIR') return notAFile(path);
  const { reason, advice } = fileTrouble(path, error);
  const details = { cause: error, advice };
  if (code === 'EACCES' || code === 'EPERM') return new SecretAccessDeniedError(reason, details);
  return new SecretSourceUnavailableError(reason, details);
}

/** Node’s name of what went wrong, e.g. `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
