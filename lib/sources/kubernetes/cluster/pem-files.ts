import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { fileTrouble, readAtOnce } from '../../watch/index.js';
import { KIND } from '../kubernetes.errors.js';

/** At once, as TLS asks for it. Throws SecretSourceUnavailableError: it may be mounted, or written, a moment later. @param what stands in errors. */
export function readText(path: string, what: string): string {
  try {
    return readAtOnce(path).toString('utf8');
  } catch (cause) {
    const { reason, advice } = fileTrouble(path, cause);
    throw new SecretSourceUnavailableError(`${what}: ${reason}`, { sourceKind: KIND, cause, advice });
  }
}
