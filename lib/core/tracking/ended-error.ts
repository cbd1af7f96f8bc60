import type { SecretErrorDetails } from '../errors/index.js';
import { SecretSourceUnavailableError } from '../errors/index.js';
import type { SecretFacts } from './secret-facts.js';

/** What readers get of a value that may no longer be served. @param cause why there is no new one, where a reading failed. */
export function endedError(
  { secretName, connection, sourceKind }: SecretErrorDetails,
  { isDynamic, isPaused }: Pick<SecretFacts, 'isDynamic' | 'isPaused'>,
  cause: unknown,
): SecretSourceUnavailableError {
  const details = { secretName, connection, sourceKind, cause };
  const reason = isDynamic ? 'its lease has ended' : 'it is older than `maxAge` and `maxStale` allow';
  if (!isPaused) return new SecretSourceUnavailableError(`${reason}, and the source has given no new value.`, details);
  const advice = 'Call `client.resume()`, or read it by `client.refresh()`.';
  return new SecretSourceUnavailableError(`${reason}, and refreshing is paused.`, { ...details, advice });
}
