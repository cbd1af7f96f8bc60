import { systemClock } from '../../../../core/clock.js';
import { SecretConfigurationError } from '../../../../core/errors/index.js';
import type { Refusal } from '../../../../core/source/pace.js';
import { Pace } from '../../../../core/source/pace.js';
import type { RequestLimit } from '../../../../core/source/rate-limit.js';
import {
  isVaultError,
  VaultConnectionError,
  VaultRateLimitError,
  VaultSealedError,
  VaultServerError,
} from '../vault.errors.js';
import type { VaultClientOptions } from '../vault-client.options.js';
import type { VaultRequest } from './vault.request.js';

const SECOND = 1_000;
/** Requests under way at a time where a pace is kept: no bound that anybody meets in health. */
const MOST_AT_ONCE = 256;
/** Of a gateway, or of a Vault that is sealed. */
const NOT_THERE = [502, 503, 504];

/**
 * Of who gives a limit, in options or environment, as the source does: all others send at once. Throws SecretConfigurationError for a limit below 1.
 * @param variable as VAULT_RATE_LIMIT has it.
 */
export function paceOf(
  { rateLimit, clock }: Pick<VaultClientOptions, 'rateLimit' | 'clock'>,
  variable: RequestLimit | undefined,
): Pace | undefined {
  if (rateLimit !== undefined && !(rateLimit >= 1))
    throw new SecretConfigurationError('Option "rateLimit" is a number of requests a second, from 1 on.');
  if (rateLimit === undefined && variable === undefined) return undefined;
  const isLimit = rateLimit !== undefined && rateLimit !== Number.POSITIVE_INFINITY;
  return new Pace({
    most: MOST_AT_ONCE,
    limit: isLimit ? { requests: Math.floor(rateLimit), within: SECOND } : variable,
    refusalOf,
    clock: clock && 'now' in clock ? clock : systemClock,
  });
}

/** What an error of a request means for all others. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof VaultRateLimitError) return { isThrottled: true, pause: error.retryAfter };
  const isNobody =
    error instanceof VaultConnectionError || (isVaultError(error) && NOT_THERE.includes(error.status ?? 0));
  return isNobody ? { isThrottled: false, pause: undefined } : undefined;
}

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
