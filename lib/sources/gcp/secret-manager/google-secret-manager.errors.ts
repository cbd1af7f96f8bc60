import type { SecretError } from '../../../core/errors/index.js';
import {
  isSecretError,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import type { HttpResponse } from '../../http/index.js';
import { failedAnswer, foreignAnswer, throttledAnswer } from '../../http/index.js';
import { fieldsOf } from '../auth/token.request.js';

export const KIND = 'google-secret-manager';

/** What was tried: for errors, and to judge whether trying again is harmless. */
export interface Attempt {
  /** Names the version and the project, e.g. `reading version "latest" in project "web"`. */
  readonly tried: string;
  /** What IAM asks for it, e.g. `secretmanager.versions.access`. */
  readonly permission: string;
  /** The narrowest of Google's own roles that has it. */
  readonly role: string;
  /** True where a failure may have had an effect. */
  readonly isWrite: boolean;
  /** Of another API of Google's: how errors call what asks it, its host, and what a role is granted on. @default Secret Manager */
  readonly service?: { readonly kind: string; readonly host: string; readonly grantedOn: string } | undefined;
}

const kindOf = ({ service }: Attempt): string => service?.kind ?? KIND;

/** Statuses of google.rpc by their names; what else a body says is not believed. Where it has none, the first of these with the number counts. */
const STATUSES: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};
const BY_HTTP: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(STATUSES)
    .reverse()
    .map(([name, status]) => [status, name]),
);

const QUOTA = "Ask it less often (`cache.maxAge`, `refresh.every`), or have the project's quota raised.";

interface Verdict {
  readonly status: string;
  /** Why, in the service's own words: looked at, and never quoted. */
  readonly message: string;
  /** Of `google.rpc.ErrorInfo`. */
  readonly reasons: readonly unknown[];
}

/** Undefined for an answer of something else (a gateway, a proxy), which is not a verdict on our rights, nor on what there is. */
function verdictOf(response: HttpResponse): Verdict | undefined {
  let error: Readonly<Record<string, unknown>>;
  try {
    error = fieldsOf(fieldsOf(response.json())['error']);
  } catch {
    return undefined;
  }
  const { code, status, message, details } = error;
  if (code === undefined && status === undefined) return undefined;
  // One that does not go with the number is somebody else's word: "not found" in a 503 is not a verdict on what there is.
  const isOwn = typeof status === 'string' && Object.hasOwn(STATUSES, status) && STATUSES[status] === response.status;
  const known = isOwn ? status : BY_HTTP[response.status];
  return {
    status: known ?? 'UNKNOWN',
    message: typeof message === 'string' ? message : '',
    reasons: Array.isArray(details) ? details.map((detail) => fieldsOf(detail)['reason']) : [],
  };
}

/** True where a token was refused, and a new one may do. */
export const isUnauthenticated = (response: HttpResponse): boolean =>
  response.status === 401 && verdictOf(response) !== undefined;

/** The core's error for an answer that is not 2xx. Its text names what was tried and the status. */
export function errorOf(response: HttpResponse, attempt: Attempt): SecretError {
  const { status } = response;
  const verdict = verdictOf(response);
  if (!verdict) return withoutVerdict(response, attempt);
  const details = { sourceKind: kindOf(attempt), cause: { name: verdict.status, status } };
  const answered = `${attempt.tried} was answered with ${verdict.status}.`;
  switch (verdict.status) {
    case 'UNAUTHENTICATED':
      return new SecretAuthenticationError(`${answered} The token, though fresh, was refused.`, {
        ...details,
        advice: "Check the credentials, that the service account's key is still there, and the clock of this machine.",
      });
    case 'PERMISSION_DENIED':
      return denied(verdict, attempt, answered, details);
    case 'NOT_FOUND':
      return new SecretNotFoundError(answered, {
        ...details,
        advice: 'Check the name, the project, the location, and that the secret has such a version.',
      });
    case 'FAILED_PRECONDITION':
      return inNoState(verdict, attempt, details);
    case 'RESOURCE_EXHAUSTED':
      return throttledAnswer(response, { answered, details }, QUOTA);
    case 'INVALID_ARGUMENT':
    case 'OUT_OF_RANGE':
    case 'ALREADY_EXISTS':
    case 'UNIMPLEMENTED': {
      const advice = 'Waiting does not heal it: check the name, the version, the location and the value.';
      return new SecretConfigurationError(answered, { ...details, advice });
    }
    case 'ABORTED':
      return new SecretSourceUnavailableError(answered, details); // somebody else changed it: nothing was done
  }
  return unavailable(answered, attempt, details);
}

function withoutVerdict(response: HttpResponse, attempt: Attempt): SecretError {
  const { status } = response;
  const failed = failedAnswer(response, attempt.tried, kindOf(attempt));
  if (status === 429) return throttledAnswer(response, failed, QUOTA);
  if (status >= 500 || status === 408) return unavailable(failed.answered, attempt, failed.details);
  return foreignAnswer(failed);
}

const unavailable = (answered: string, { isWrite }: Attempt, details: object): SecretError =>
  new SecretSourceUnavailableError(answered, { ...details, effect: isWrite ? 'possible' : 'none' });

function denied({ reasons, message }: Verdict, attempt: Attempt, answered: string, details: object): SecretError {
  const { permission, role, service } = attempt;
  if (reasons.includes('SERVICE_DISABLED') || /has not been used in project/.test(message)) {
    const advice = `Enable it: \`gcloud services enable ${service?.host ?? 'secretmanager.googleapis.com'}\`.`;
    return new SecretAccessDeniedError(`${answered} Its API is not enabled in the project.`, { ...details, advice });
  }
  if (reasons.includes('ACCESS_TOKEN_SCOPE_INSUFFICIENT')) {
    const advice = 'Give the machine, or `auth`, the scope https://www.googleapis.com/auth/cloud-platform.';
    return new SecretAccessDeniedError(`${answered} The scopes of the token don't suffice.`, { ...details, advice });
  }
  return new SecretAccessDeniedError(`${answered} It needs the permission ${permission}.`, {
    ...details,
    advice: `Grant ${role} on the ${service?.grantedOn ?? 'secret'} or the project; a ${service?.grantedOn ?? 'secret'} that is not there looks the same without it.`,
  });
}

const STATE = /\bis in (DISABLED|DESTROYED) state/;
const HEALS = {
  DISABLED: 'Enable it, or add a version.',
  DESTROYED: 'Add a version: what is destroyed does not come back.',
};

/** The secret is there: never "not found", so that no default stands in for it. */
function inNoState({ message }: Verdict, { tried, isWrite }: Attempt, details: object): SecretError {
  const state = STATE.exec(message)?.[1] as keyof typeof HEALS | undefined;
  if (state && !isWrite) {
    const reason = `${tried} found a version that is ${state.toLowerCase()}.`;
    return new SecretAccessDeniedError(reason, { ...details, advice: HEALS[state] });
  }
  return new SecretAccessDeniedError(`${tried} was answered with FAILED_PRECONDITION: its state does not permit it.`, {
    ...details,
    advice: 'Look at the secret in the console: at the state of the version, and of the key that encrypts it.',
  });
}

/** True where the secret has such a version, and it is disabled or destroyed. */
export const isInNoState = (error: unknown): boolean =>
  isSecretError(error) && (error.cause as { name?: unknown } | undefined)?.name === 'FAILED_PRECONDITION';

/** True where a secret that was to be created is there already. */
export const isThere = (error: unknown): boolean =>
  isSecretError(error) && (error.cause as { name?: unknown } | undefined)?.name === 'ALREADY_EXISTS';

export const isMissing = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_NOT_FOUND';
