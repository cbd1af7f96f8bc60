import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { brokenFile, fileTrouble } from '../../watch/index.js';
import { KIND } from '../kubernetes.errors.js';

/** Bytes: the list of a whole system's authorities has some 200 kB. */
const LONGEST = 4 * 1024 * 1024;

/** At once, as TLS asks for it. Throws SecretSourceUnavailableError: it may be mounted, or written, a moment later. @param what stands in errors. */
export function readText(path: string, what: string): string {
  try {
    return textOf(path);
  } catch (cause) {
    const { reason, advice } = fileTrouble(path, cause);
    throw new SecretSourceUnavailableError(`${what}: ${reason}`, { sourceKind: KIND, cause, advice });
  }
}

/** A pipe would hold up the whole process, until somebody writes into it. */
function textOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw brokenFile(path, 'is not a regular file');
    if (found.size > LONGEST) throw brokenFile(path, `is larger than ${LONGEST} bytes`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
