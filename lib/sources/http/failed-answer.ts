import type { SecretErrorDetails } from '../../core/errors/index.js';
import { SecretSourceUnavailableError, SecretThrottledError } from '../../core/errors/index.js';
import type { HttpResponse } from './http.response.js';
import { retryAfterOf } from './retry-after.js';

/** What the errors of all answers that are no success begin with. */
export interface FailedAnswer {
  /** What was tried, and the status. */
  readonly answered: string;
  readonly details: SecretErrorDetails;
}

/** @param tried e.g. `listing the secrets of app "web"`. */
export const failedAnswer = ({ status }: HttpResponse, tried: string, sourceKind: string): FailedAnswer => ({
  answered: `${tried} was answered with HTTP ${status}.`,
  details: { sourceKind, cause: { name: 'HttpStatus', status } },
});

/** Of a gateway, a proxy, a sign-in page: no verdict on our rights, nor on what there is, and nothing was done. */
export const foreignAnswer = ({ answered, details }: FailedAnswer): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(
    `${answered} The answer is none of the service's own: something else is in its place.`,
    {
      ...details,
      effect: 'none',
      advice: 'Check the address, and what stands before it: a gateway, a proxy, a sign-in page.',
    },
  );

/** @param retryAfter milliseconds, where the service tells them in a way of its own. */
export const throttledAnswer = (
  response: HttpResponse,
  { answered, details }: FailedAnswer,
  advice?: string,
  retryAfter = retryAfterOf(response.header('retry-after'), response.header('date')),
): SecretThrottledError => new SecretThrottledError(answered, { ...details, retryAfter, advice });

/** True where waiting does not heal it: the request itself is wrong. */
export const isWrongRequest = ({ status }: HttpResponse): boolean =>
  status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429;
