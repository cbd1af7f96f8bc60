import type { SecretError } from '../errors/index.js';
import { isSecretError, SecretNotFoundError, SecretSourceUnavailableError } from '../errors/index.js';
import { isTransient } from '../errors/transient.js';
import type { SecretVersion } from '../secret/secret-version.js';
import { isSecretVersion } from '../secret/secret-version.js';

/** What one reading says of one secret. */
export type Answer =
  | { readonly kind: 'value'; readonly given: SecretVersion }
  /** The source has none of that name; the error says it in the source's words (deleted, destroyed), where it has some. */
  | { readonly kind: 'absent'; readonly error: SecretError }
  | { readonly kind: 'failed'; readonly error: SecretError };

/** True where there is such a secret, and the source does not show it. */
export const isDenied = (answer: Answer): boolean =>
  answer.kind === 'failed' && answer.error.code === 'SECRET_ACCESS_DENIED';

/** True for what an enumeration names and may hold back: it is there, whether it can be read at the moment or not. */
export const isListed = (answer: Answer): boolean =>
  answer.kind === 'value' || isDenied(answer) || (answer.kind === 'failed' && isTransient(answer.error));

/**
 * What a source's Map says of one name. Sources are written by others too: what is neither a version nor an error of ours is that name's failure, and is
 * not quoted, for it may be the value.
 */
export function answerFrom(resultOf: () => unknown, requested: string | undefined): Answer {
  try {
    return answerOf(resultOf(), requested);
  } catch (error) {
    return { kind: 'failed', error: oddAnswer(error) }; // it throws when it is looked at
  }
}

function answerOf(result: unknown, requested: string | undefined): Answer {
  if (result === undefined) {
    if (requested === undefined) return { kind: 'absent', error: new SecretNotFoundError() };
    const advice = 'Check the name, and the version or stage in the words of the source.';
    const reason = `no version or stage "${requested}" at the source.`;
    return { kind: 'absent', error: new SecretNotFoundError(reason, { advice }) };
  }
  if (isSecretVersion(result)) return { kind: 'value', given: result };
  if (!isSecretError(result)) return { kind: 'failed', error: oddAnswer(result) };
  return { kind: result.code === 'SECRET_NOT_FOUND' ? 'absent' : 'failed', error: result };
}

/** @param result where it is an Error of somebody else's, its name and code are told. */
function oddAnswer(result: unknown): SecretSourceUnavailableError {
  const cause = result instanceof Error ? result : undefined;
  return new SecretSourceUnavailableError('the source gave neither a SecretVersion nor a SecretError.', {
    cause,
    advice: 'A source gives `SecretVersion.of(value)` for each name in its Map.',
  });
}

/** Throws where a source gave no Map. */
export function checkResults<T>(results: ReadonlyMap<string, T> | undefined): ReadonlyMap<string, T> {
  const candidate: unknown = results;
  const isMap =
    typeof candidate === 'object' && candidate !== null && 'get' in candidate && Symbol.iterator in candidate;
  if (!isMap) throw new SecretSourceUnavailableError('the source gave no Map of results.');
  return results!;
}
