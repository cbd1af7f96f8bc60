import { SecretSourceUnavailableError } from './leaves.js';
import type { SecretError } from './secret.error.js';

/** True for errors that a moment may heal. */
export function isTransient({ code }: SecretError): boolean {
  return code === 'SECRET_SOURCE_UNAVAILABLE' || code === 'SECRET_THROTTLED' || code === 'SECRET_AUTHENTICATION';
}

/**
 * True where the source answered, and issued nothing. For what is there for good, waiting a second heals none of these; but where a lease runs
 * out, somebody is at work on it.
 */
export function hadNoEffect({ code }: SecretError): boolean {
  return code === 'SECRET_NOT_FOUND' || code === 'SECRET_ACCESS_DENIED' || code === 'SECRET_CONFIGURATION';
}

/** True where a request that failed may have issued credentials all the same. */
export function mayHaveHadEffect(error: SecretError): boolean {
  return (error as { effect?: unknown }).effect === 'possible';
}

/** The error as that of a request which can have had no effect, whatever the wire thinks. */
export function withoutEffect(error: SecretError): SecretError {
  if (!mayHaveHadEffect(error)) return error;
  const { reason, advice, cause, sourceKind } = error;
  const isAlone = isOfItsOwn(error);
  return new SecretSourceUnavailableError(reason, { advice, cause, sourceKind, effect: 'none', isAlone });
}

/** True where it is the secret that is sick, and not the source. */
export function isOfItsOwn(error: SecretError): boolean {
  return (error as { isAlone?: unknown }).isAlone === true;
}

/** The error of a secret that got no answer while others did: it says nothing of them. */
export function ofItsOwn(error: SecretError): SecretError {
  if (error.code !== 'SECRET_SOURCE_UNAVAILABLE') return error;
  const { reason, advice, cause, sourceKind, secretName, connection } = error;
  const effect = mayHaveHadEffect(error) ? 'possible' : 'none';
  const details = { advice, cause, sourceKind, secretName, connection, effect, isAlone: true } as const;
  return new SecretSourceUnavailableError(reason, details);
}

/** Milliseconds that the source asked us to wait, as it said; undefined where it did not, or gave no number. */
export function askedPause(error: SecretError | undefined): number | undefined {
  const { retryAfter } = (error ?? {}) as { retryAfter?: unknown };
  return typeof retryAfter === 'number' ? retryAfter : undefined;
}
