import type { SecretError } from '../errors/index.js';

/** True for errors that time may heal. */
export function passes(error: SecretError): boolean {
  return (
    error.code === 'SECRET_SOURCE_UNAVAILABLE' ||
    error.code === 'SECRET_THROTTLED' ||
    error.code === 'SECRET_AUTHENTICATION'
  );
}
