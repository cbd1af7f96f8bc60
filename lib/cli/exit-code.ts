import type { SecretErrorCode } from '../core/errors/index.js';
import { isSecretError } from '../core/errors/index.js';
import { InitError } from './init/init-error.js';
import { Interrupted } from './signals.js';
import { UsageError } from './usage-error.js';

/** What the command line ends with; the same for each command, but for `exec`, which hands on its child's. */
export const ExitCode = {
  /** It is done, or the answer is yes. */
  done: 0,
  /** The answer is no: not found, not the same, not well. */
  no: 1,
  /** Wrong arguments, a source that they don't describe, or what can't be done there. */
  usage: 2,
  /** The source refused, or could not be reached. */
  source: 3,
  /** A fault of ours (EX_SOFTWARE). */
  fault: 70,
} as const;

const CODES: Readonly<Record<SecretErrorCode, number>> = {
  SECRET_NOT_FOUND: ExitCode.no,
  SECRET_NOT_LOADED: ExitCode.no,
  SECRET_FIELD: ExitCode.no,
  SECRET_VALIDATION: ExitCode.no,
  SECRET_CONFIGURATION: ExitCode.usage,
  SECRET_SOURCE_READ_ONLY: ExitCode.usage,
  SECRET_ACCESS_DENIED: ExitCode.source,
  SECRET_AUTHENTICATION: ExitCode.source,
  SECRET_SOURCE_UNAVAILABLE: ExitCode.source,
  SECRET_THROTTLED: ExitCode.source,
  SECRET_BOOTSTRAP: ExitCode.source,
};

/** What a failure ends with; `fault` for what is not known. */
export function exitCodeOf(error: unknown): number {
  if (isSecretError(error)) return CODES[error.code];
  if (error instanceof Interrupted) return error.exitCode;
  return error instanceof UsageError || error instanceof InitError ? ExitCode.usage : ExitCode.fault;
}
