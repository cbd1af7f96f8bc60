import type { SecretError } from '../../core/errors/index.js';
import {
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
} from '../../core/errors/index.js';
import type { FailedAnswer, HttpResponse } from '../http/index.js';
import { KIND } from './hcp-vault-secrets.options.js';
import { failedAnswer, foreignAnswer, isWrongRequest, throttledAnswer } from '../http/index.js';

/** What was tried: for errors, and to judge whether trying again is harmless. */
export interface Attempt {
  /** Names the app, e.g. `opening it in app "web"`. */
  readonly tried: string;
  /** True where it opens a secret that is, or may be, dynamic: then a failure may have issued credentials. */
  readonly mayIssue: boolean;
}

const LIMIT_OF_VERSIONS = /maximum number of secret versions/i;
const REGIONS = 'Check HCP_GEOGRAPHY (us or eu) and apiUrl (HCP_API_ADDRESS).';

/**
 * False for a page of something else (a gateway, a proxy), which is not a verdict on our rights, nor on what there is. The API's errors are a
 * `google.rpc.Status`, the token endpoint's have an `error` (RFC 6749 §5.2).
 */
export function isItsOwn(response: HttpResponse): boolean {
  try {
    const { code, error } = (response.json() ?? {}) as { readonly code?: unknown; readonly error?: unknown };
    return typeof code === 'number' || typeof error === 'string';
  } catch {
    return false;
  }
}

/** True for what would be the service's verdict, and is somebody else's. */
const isForeignVerdict = (response: HttpResponse): boolean =>
  [400, 401, 403, 404].includes(response.status) && !isItsOwn(response);

/** The core's error for an answer that is not 2xx. Its text names what was tried and the status; the body is looked at, never quoted. */
export function errorOf(response: HttpResponse, { tried, mayIssue }: Attempt): SecretError {
  const { status } = response;
  const failed = failedAnswer(response, tried, KIND);
  const { answered, details } = failed;
  if (isForeignVerdict(response)) return foreignAnswer(failed);
  switch (status) {
    case 401:
      return new SecretAuthenticationError(`${answered} The token, though fresh, was refused.`, details);
    case 403:
      return new SecretAccessDeniedError(answered, {
        ...details,
        advice: 'Give the service principal the role "Vault Secrets App Secret Reader" (or more) on the app.',
      });
    case 404:
      return new SecretNotFoundError(answered, details);
    case 429:
      return throttled(response, failed);
  }
  if (isWrongRequest(response)) {
    return new SecretConfigurationError(answered, {
      ...details,
      advice: 'Waiting does not heal it: check the name, the version and the value.',
    });
  }
  const advice = status < 400 ? REGIONS : undefined;
  return new SecretSourceUnavailableError(answered, { ...details, advice, effect: mayIssue ? 'possible' : 'none' });
}

/** The core's error for a token endpoint that gives no token. */
export function tokenErrorOf(response: HttpResponse, origin: string): SecretError {
  const { status } = response;
  const { details } = failedAnswer(response, '', KIND);
  const answered = `${origin} gives no access token: HTTP ${status}.`;
  if (status === 429) return throttled(response, { answered, details });
  if (isForeignVerdict(response)) return foreignAnswer({ answered, details });
  if (status < 400 || status >= 500 || status === 408) return new SecretSourceUnavailableError(answered, details);
  return new SecretAuthenticationError(answered, {
    ...details,
    advice:
      'Check clientId and clientSecret (HCP_CLIENT_ID, HCP_CLIENT_SECRET), and that the service principal’s key is still there.',
  });
}

function throttled(response: HttpResponse, failed: FailedAnswer): SecretError {
  if (LIMIT_OF_VERSIONS.test(response.text())) {
    // No throttling, whatever the status says: waiting heals it not, and nobody else has to wait.
    const advice = 'Delete the secret and create it again, or remove old versions in the HCP portal.';
    return new SecretConfigurationError(`${failed.answered} It has as many versions as the service allows.`, {
      ...failed.details,
      advice,
    });
  }
  return throttledAnswer(response, failed);
}
