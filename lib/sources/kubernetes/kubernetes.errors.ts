import type { SecretError, SecretErrorDetails } from '../../core/errors/index.js';
import {
  isSecretError,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretThrottledError,
} from '../../core/errors/index.js';
import type { HttpResponse } from '../http/index.js';
import { retryAfterOf } from '../http/index.js';

export const KIND = 'kubernetes';

export type Verb = 'get' | 'list' | 'watch' | 'patch' | 'create';

/** What was tried: for errors, and to judge whether trying again is harmless. */
export interface Attempt {
  /** E.g. `reading it in the namespace "shop"`. */
  readonly tried: string;
  readonly verb: Verb;
}

/** What the API server says beside HTTP: a `Status` object. Its message is never looked at. */
export interface Status {
  /** E.g. `NotFound`. */
  readonly reason: string;
  readonly code: number;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
}

const FOREIGN = 'Check the address, and what stands before it: a gateway, a proxy, a sign-in page.';

export const isChange = (verb: Verb): boolean => verb === 'patch' || verb === 'create';

/** Undefined for a page of something else, which is not a verdict on our rights. */
export function statusOf(answer: unknown): Status | undefined {
  const { kind, reason, code, details } = recordOf(answer);
  if (kind !== 'Status') return undefined;
  const { retryAfterSeconds } = recordOf(details);
  return {
    reason: typeof reason === 'string' ? reason : '',
    code: typeof code === 'number' ? code : 0,
    retryAfter: typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : undefined,
  };
}

/** The core's error for an answer that is not 2xx. Its text names what was tried, the status and its reason; the body is never quoted. */
export function errorOf(response: HttpResponse, attempt: Attempt): SecretError {
  const { status } = response;
  const known = statusIn(response);
  const isVerdict = status >= 400 && status < 500 && ![408, 410, 425, 429].includes(status);
  if (!known && isVerdict) {
    const reason = `${attempt.tried} was answered with HTTP ${status}. The answer is none of the API server's own: something else is in its place.`;
    const cause = { name: 'HttpStatus', status };
    return new SecretSourceUnavailableError(reason, { sourceKind: KIND, cause, effect: 'none', advice: FOREIGN });
  }
  const asked = retryAfterOf(response.header('retry-after'), response.header('date')) ?? known?.retryAfter;
  return statusError({ reason: known?.reason ?? '', code: status, retryAfter: asked }, attempt);
}

/** The same for a status that came within a watch. */
export function statusError({ reason, code, retryAfter }: Status, { tried, verb }: Attempt): SecretError {
  const details = { sourceKind: KIND, cause: { name: 'Status', status: code, ...(reason !== '' && { code: reason }) } };
  const answered = `${tried} was answered with HTTP ${code}${WORD.test(reason) ? ` (${reason})` : ''}.`;
  switch (code) {
    case 401:
      return new SecretAuthenticationError(`${answered} The token, though read again, was refused.`, {
        ...details,
        advice: 'Check the service account, or the user of the kubeconfig: its token may have expired.',
      });
    case 403:
      return denied(answered, verb, details);
    case 404:
      return new SecretNotFoundError(answered, details);
    case 409:
      return new SecretConfigurationError(`${answered} Somebody else has written it meanwhile.`, {
        ...details,
        advice: 'Read it again before you decide.',
      });
    case 429:
      return new SecretThrottledError(answered, { ...details, retryAfter });
    case 413:
    case 422:
      return new SecretConfigurationError(answered, {
        ...details,
        advice: 'The value is none that this Secret takes: see its type, `immutable`, and the size (1 MiB of data).',
      });
  }
  if (code >= 400 && code < 500 && ![408, 410, 425].includes(code)) {
    return new SecretConfigurationError(answered, {
      ...details,
      advice: 'Check the options: waiting does not heal it.',
    });
  }
  return new SecretSourceUnavailableError(answered, { ...details, effect: isChange(verb) ? 'possible' : 'none' });
}

/** True where the version is too old to go on from. */
export const isExpired = (error: unknown): boolean => statusCodeOf(error) === 410;

/** True where what was written over was not what is there; also for one that was to be created, and is there. */
export const isConflict = (error: unknown): boolean => statusCodeOf(error) === 409;

/** True where the server has looked at what was to be written, and takes no such thing. */
export const isInvalid = (error: unknown): boolean => statusCodeOf(error) === 422;

export const isDenied = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_ACCESS_DENIED';

export const isNotFound = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_NOT_FOUND';

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export const senseless = (what: string): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(`the answer of the API server ${what}.`, {
    sourceKind: KIND,
    advice: FOREIGN,
    effect: 'possible',
  });

const WORD = /^[A-Za-z]{1,48}$/;

function statusIn(response: HttpResponse): Status | undefined {
  try {
    return statusOf(response.json());
  } catch {
    return undefined;
  }
}

function statusCodeOf(error: unknown): unknown {
  return isSecretError(error) ? (error.cause as { readonly status?: unknown } | undefined)?.status : undefined;
}

/** Under `resourceNames` a name outside of them is denied, whether there is such a Secret or not. */
function denied(answered: string, verb: Verb, details: SecretErrorDetails): SecretError {
  const hint =
    verb === 'list' || verb === 'watch'
      ? ''
      : ' Where a role names its Secrets, that may also mean that there is none of this name.';
  return new SecretAccessDeniedError(`${answered}${hint}`, {
    ...details,
    advice: `Allow "${verb}" on secrets in a Role of the namespace, and bind it: \`kubectl auth can-i ${verb} secrets/NAME\` tells.`,
  });
}
