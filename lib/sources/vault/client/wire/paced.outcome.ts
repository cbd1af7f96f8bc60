import type { PacedRequest } from '../../../http/index.js';
import type { VaultError } from '../vault.errors.js';
import { VaultConnectionError, VaultRateLimitError } from '../vault.errors.js';
import type { VaultRequest } from './vault.request.js';

/** Of a gateway, or of a Vault that is sealed. */
const NOT_THERE = [502, 503, 504];

/** Tells the pace what became of a request. True where another attempt may be of use. */
export function noted(paced: PacedRequest, error: unknown): boolean {
  if (error instanceof VaultRateLimitError) return paced.refused(error.retryAfter);
  if (error instanceof VaultConnectionError || NOT_THERE.includes((error as VaultError).status ?? 0))
    return paced.failed();
  paced.done();
  return true;
}

/** The error of a request that never had its turn. */
export function notSent({ method = 'GET', path: { text: path } }: VaultRequest): VaultRateLimitError {
  const message = `Vault: ${method} ${path}: it is not sent, for a quota refuses one request after another (HTTP 429).`;
  return new VaultRateLimitError(message, { status: 429, path, call: method });
}
