import type { SecretError } from '../errors/index.js';

/**
 * True where the source answered, and issued nothing. For what is there for good, waiting a second heals none of these; but where a lease runs
 * out, somebody is at work on it.
 */
export function issuedNothing({ code }: SecretError): boolean {
  return code === 'SECRET_NOT_FOUND' || code === 'SECRET_ACCESS_DENIED' || code === 'SECRET_CONFIGURATION';
}

/** True for errors that time may heal. */
export function passes(error: SecretError): boolean {
  return (
    error.code === 'SECRET_SOURCE_UNAVAILABLE' ||
    error.code === 'SECRET_THROTTLED' ||
    error.code === 'SECRET_AUTHENTICATION'
  );
}
