import {
  isVaultError,
  VaultConnectionError,
  VaultRateLimitError,
  VaultSealedError,
  VaultServerError,
} from '../vault.errors.js';
import type { VaultRequest } from './vault.request.js';

/** Of a request that is not sent, as those before it were refused: as the last of them. */
export function notSent({ method: call = 'GET', path: { text: path } }: VaultRequest, last: unknown): unknown {
  if (!isVaultError(last)) return last;
  const { status } = last;
  const subject = `Vault: ${call} ${path}: it is not sent, for one request after another`;
  if (last instanceof VaultRateLimitError) {
    return new VaultRateLimitError(`${subject} is refused (HTTP 429).`, { ...last, status, path, call });
  }
  if (last instanceof VaultConnectionError) {
    const { reason, advice, cause } = last;
    return new VaultConnectionError(`${subject} gets no answer.`, {
      path,
      call,
      reason,
      advice,
      cause,
      effect: 'none',
    });
  }
  const Kind = status === 503 ? VaultSealedError : VaultServerError;
  return new Kind(`${subject} fails (HTTP ${status}).`, { status, path, call });
}
