import type { VaultError } from './vault.errors.js';

/** HashiCorp Vault says of a token that is unknown, revoked or past its end. */
export const saysInvalidToken = (error: VaultError): boolean =>
  error.errors.some((text) => /invalid token|bad token/i.test(text));

/**
 * OpenBao’s words for the same: nothing but this, where what a policy denies is told as a list ("1 error occurred: …"). An engine may deny in the
 * same words, so that they are a verdict only where the token was looked up.
 */
export const isBareDenial = ({ status, errors }: VaultError): boolean =>
  status === 403 && errors.length === 1 && errors[0] === 'permission denied';

/** Of a token that lives: its policies, without `default`, do not allow the call. */
export const isDenialOfPolicy = (error: VaultError): boolean =>
  error.status === 403 &&
  !error.isForeign &&
  !saysInvalidToken(error) &&
  !isBareDenial(error) &&
  error.errors.length > 0;
