import type { SecretError, SecretErrorDetails } from '../../core/errors/index.js';
import {
  isSecretError,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
} from '../../core/errors/index.js';
import type { FailedAnswer, HttpResponse } from '../http/index.js';
import { failedAnswer, foreignAnswer, isWrongRequest, retryAfterOf, throttledAnswer } from '../http/index.js';

export const KIND = 'azure-key-vault';

/** What was tried: for errors, and to judge whether trying again is harmless. */
export interface Attempt {
  /** Names the vault, e.g. `reading it at https://shop.vault.azure.net`. */
  readonly tried: string;
  readonly permission: 'get' | 'list' | 'set';
  /** True where a failure may have made a version all the same. */
  readonly mayChange: boolean;
}

const ROLES = {
  get: 'Give the identity the role "Key Vault Secrets User" on the vault; where it has access policies, the secret permission Get.',
  list: 'Give the identity the role "Key Vault Secrets User" on the vault; where it has access policies, the secret permission List.',
  set: 'Give the identity the role "Key Vault Secrets Officer" on the vault; where it has access policies, the secret permissions Get and Set.',
};
const FRESH = 'A role that was just given may take some minutes to count.';
const FIREWALL = 'The vault’s firewall refuses this address: allow it, or use a private endpoint.';

/** The service's own word for what is wrong, `innererror` first; undefined for a page of something else, which is not a verdict on our rights. */
export function codeOf(
  response: HttpResponse,
): { readonly code: string; readonly inner: string | undefined } | undefined {
  try {
    const { error } = (response.json() ?? {}) as { error?: { code?: unknown; innererror?: { code?: unknown } } };
    if (typeof error?.code !== 'string') return undefined;
    const inner = error.innererror?.code;
    return { code: error.code, inner: typeof inner === 'string' ? inner : undefined };
  } catch {
    return undefined;
  }
}

/** True where the vault refuses a token, and a new one may do: it says so in the body, or only in its challenge. */
export const isUnauthorized = (response: HttpResponse): boolean =>
  response.status === 401 && (codeOf(response) !== undefined || Object.keys(challengeOf(response)).length > 0);

/** The core's error for an answer that is not 2xx. Its text names what was tried and the status; the body is looked at, never quoted. */
export function errorOf(response: HttpResponse, { tried, permission, mayChange }: Attempt): SecretError {
  const { status } = response;
  const known = codeOf(response);
  const failed = failedAnswer(response, tried, KIND);
  const { answered, details } = failed;
  if (status === 429) return throttled(response, failed);
  if ([400, 401, 403, 404, 409].includes(status) && !known && !isUnauthorized(response)) return foreignAnswer(failed);
  switch (status) {
    case 401:
      return new SecretAuthenticationError(`${answered} The token, though fresh, was refused.`, {
        ...details,
        advice: unauthorized(response),
      });
    case 403:
      return forbidden(known?.inner, answered, permission, details);
    case 404:
      return new SecretNotFoundError(answered, details);
    case 409:
      return conflict(known?.inner, answered, details);
  }
  if (isWrongRequest(response)) {
    return new SecretConfigurationError(answered, {
      ...details,
      advice: 'Waiting does not heal it: check the name, the version and the value (25 KB at most).',
    });
  }
  return new SecretSourceUnavailableError(answered, { ...details, effect: mayChange ? 'possible' : 'none' });
}

const DISABLED = 'SecretDisabled';

/** True for the one that says that the secret is there, and may not be read. */
export const isDisabled = (error: unknown): boolean =>
  isSecretError(error) && (error.cause as { readonly code?: unknown } | undefined)?.code === DISABLED;

/** It is not a matter of rights, and the secret is not missing. */
export function disabled(answered: string, status?: number): SecretError {
  return new SecretConfigurationError(`${answered} The secret is there, and its version is disabled.`, {
    sourceKind: KIND,
    cause: { name: 'HttpStatus', code: DISABLED, ...(status !== undefined && { status }) },
    advice: 'Enable it, or set a new version: Key Vault does not fall back to an older one.',
  });
}

function forbidden(
  inner: string | undefined,
  answered: string,
  permission: Attempt['permission'],
  details: SecretErrorDetails,
): SecretError {
  if (inner === DISABLED) return disabled(answered, 403);
  const advice = inner === 'ForbiddenByFirewall' ? FIREWALL : `${ROLES[permission]} ${FRESH}`;
  return new SecretAccessDeniedError(answered, { ...details, advice });
}

/** Something is being deleted or recovered just now, or was deleted and waits to be purged. */
function conflict(inner: string | undefined, answered: string, details: SecretErrorDetails): SecretError {
  if (inner !== 'ObjectIsDeletedButRecoverable') return new SecretSourceUnavailableError(answered, { ...details, effect: 'none' }); // prettier-ignore
  const advice = 'Recover it, or purge it: until then its name can’t be used.';
  return new SecretConfigurationError(`${answered} The secret is deleted.`, { ...details, advice });
}

/** The tenant that the vault trusts is not a secret, and mostly what is wrong. */
function unauthorized(response: HttpResponse): string {
  const { authorization } = challengeOf(response);
  const tenant = /^https:\/\/[^/]+\/([0-9a-f-]{36})\/?$/i.exec(authorization ?? '')?.[1];
  const which = tenant === undefined ? 'the tenant of the vault’s subscription' : `the tenant ${tenant}`;
  return `The vault takes tokens of ${which}: check AZURE_TENANT_ID, or the credential’s own.`;
}

/** The parameters of `WWW-Authenticate: Bearer …`. */
export function challengeOf(response: HttpResponse): Readonly<Record<string, string | undefined>> {
  const header = response.header('www-authenticate') ?? '';
  if (!/^Bearer\b/i.test(header)) return {};
  const found = [...header.matchAll(/(\w+)="([^"]*)"/g)].map(
    ([, name, value]) => [name!.toLowerCase(), value] as const,
  );
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(found));
}

export function throttled(response: HttpResponse, failed: FailedAnswer): SecretError {
  const milliseconds = ['retry-after-ms', 'x-ms-retry-after-ms']
    .map((name) => response.header(name) ?? '')
    .find((text) => /^\d{1,7}$/.test(text));
  const advice =
    'A vault takes about 4,000 requests in 10 s, of all its callers: ask less often (`cache.maxAge`, `refresh.every`).';
  // Bounded as a header in seconds is.
  const retryAfter = milliseconds && retryAfterOf(String(Number(milliseconds) / 1000), undefined);
  return throttledAnswer(response, failed, advice, retryAfter || undefined);
}
