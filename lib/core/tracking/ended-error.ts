import type { SecretErrorDetails } from '../errors/index.js';
import { SecretSourceUnavailableError } from '../errors/index.js';

/** What readers get of a value that may no longer be served. @param cause why there is no new one, where a reading failed. */
export function endedError(
  { secretName, connection, sourceKind }: SecretErrorDetails,
  isLeased: boolean,
  cause: unknown,
): SecretSourceUnavailableError {
  const reason = isLeased ? 'its lease has ended' : 'it is older than `maxAge` and `maxStale` allow';
  return new SecretSourceUnavailableError(`${reason}, and the source has given no new value.`, {
    secretName,
    connection,
    sourceKind,
    cause,
  });
}
