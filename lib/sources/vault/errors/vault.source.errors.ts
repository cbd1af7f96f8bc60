import type { SecretError } from '../../../core/errors/index.js';
import {
  isSecretError,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretThrottledError,
} from '../../../core/errors/index.js';
import type {
  VaultConnectionError,
  VaultError,
  VaultInvalidPathError,
  VaultRateLimitError,
  VaultWrappingTokenError,
} from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { boundedPause } from '../client/foreign-numbers.js';
import { isNotReady } from '../client/not-ready.js';
import { FORGED, loginAdvice, loginReason } from './login.reasons.js';

export const KIND = 'vault';

/** Where an error belongs. */
export const at = (secretName: string): { secretName: string; sourceKind: string } => ({
  secretName,
  sourceKind: KIND,
});

/** What is done: for errors, and to judge whether trying again is harmless. */
export interface Attempt {
  /** E.g. `reading secret/data/app`; begins a sentence of an error. */
  readonly operation: string;
  /** True where it issues credentials: then a failure may have done so. */
  readonly mayIssue?: boolean | undefined;
}

/** The core's error for a failed call. Names the operation and the status; Vault's own texts, which plugins write, are not quoted. */
export function errorOf(error: unknown, { operation, mayIssue = false }: Attempt): SecretError {
  if (isSecretError(error)) return error;
  if (!isVaultError(error)) {
    return new SecretSourceUnavailableError(`${operation} failed.`, { sourceKind: KIND, cause: error });
  }
  const { status } = error;
  const details = { sourceKind: KIND, cause: error };
  if (status === undefined) {
    const {
      effect,
      reason,
      advice = 'Check the address (VAULT_ADDR), and the network.',
    } = error as VaultConnectionError;
    const text = `${operation} got no answer of the server’s: ${reason.replace(/\.?$/, '.')}`;
    return new SecretSourceUnavailableError(text, { ...details, effect: mayIssue ? effect : 'none', advice });
  }
  const answered = `${operation} was answered with HTTP ${status}`;
  if (isNotReady(error)) {
    // Without its cause, for of any other 500 a renewal concludes that new credentials are due.
    const text = `${answered}: the server is not ready, as for some moments after a start.`;
    return new SecretSourceUnavailableError(text, { sourceKind: KIND, effect: 'none' });
  }
  if (error.isForeign && status < 500 && status !== 412 && status !== 429) {
    // Whoever it was: it is not a verdict on our rights, nor on what there is.
    return new SecretSourceUnavailableError(
      `${answered}, by something in the server's place: the answer is none of Vault's or OpenBao's own.`,
      {
        ...details,
        effect: 'none',
        advice: 'Check the address (VAULT_ADDR), and what stands before it: a gateway, a proxy, a sign-in page.',
      },
    );
  }
  switch (status) {
    case 400:
      return new SecretConfigurationError(`${answered}: the server can't do this, or the path is none.`, {
        ...details,
        advice: 'Waiting does not heal it: check the name, the role and the mount.',
      });
    case 401:
      return new SecretAuthenticationError(`${answered}.`, details);
    case 403:
      return new SecretAccessDeniedError(`${answered}: ${lacking(error)}.`, {
        ...details,
        advice:
          'Give the role a policy with this path and capability; `vault token capabilities` tells what a token may.',
      });
    case 404:
      if (isNoPath(error)) {
        return new SecretConfigurationError(
          `${answered}: the server has no such mount, or the engine there no such path.`,
          {
            ...details,
            advice: 'Check `mount`, the version of the KV engine (`kv.version`), and the namespace.',
          },
        );
      }
      return new SecretNotFoundError(`${answered}: ${absence(error)}`, details);
    case 429:
      return new SecretThrottledError(`${answered}.`, {
        ...details,
        retryAfter: boundedPause((error as VaultRateLimitError).retryAfter), // a login of one's own may have made it
      });
    case 501:
      return new SecretSourceUnavailableError(`${answered}: nobody has initialised the server.`, details);
    case 503:
      return new SecretSourceUnavailableError(`${answered}: the server is sealed, or in maintenance.`, {
        ...details,
        advice: 'Unseal it.',
      });
  }
  if (status < 500 && status !== 412) return new SecretConfigurationError(`${answered}.`, details);
  const effect = mayIssue && status >= 500 ? 'possible' : 'none';
  return new SecretSourceUnavailableError(`${answered}.`, { ...details, effect });
}

/** The core's error for a login that gives no token. */
export function loginErrorOf(error: unknown, method: string): SecretError {
  const operation = `the login at Vault (${method})`;
  const status = isVaultError(error) ? error.status : undefined;
  // 400 is what Vault says of a wrong secret-id, password or wrapping token.
  const isVerdict = isVaultError(error) && !error.isForeign && status !== undefined && status < 500;
  if (!isVerdict || status === 412 || status === 429) return errorOf(error, { operation });
  const reason = isForged(error) ? FORGED : loginReason(method, error.errors);
  return new SecretAuthenticationError(
    `${operation} was refused: ${reason ? `${reason.why} (HTTP ${status})` : `HTTP ${status}`}.`,
    {
      sourceKind: KIND,
      cause: error,
      advice: reason?.advice ?? loginAdvice(method),
    },
  );
}

/** A wrapping token that is used up, or was exchanged on the way. Another copy of the package may have made the error. */
export const isWrappingMisuse = (error: unknown): error is VaultWrappingTokenError =>
  isVaultError(error) && error.name === 'VaultWrappingTokenError';

const isForged = (error: VaultError): boolean => isWrappingMisuse(error) && error.misuse === 'forged';

const CAPABILITIES: Readonly<Record<string, string>> = {
  GET: '`read`',
  LIST: '`list`',
  POST: '`create` or `update`',
  PUT: '`create` or `update`',
  PATCH: '`patch`',
  DELETE: '`delete`',
};

/** What a policy would have to allow, as policies have it: the API's path, which is another one than people know a KV secret by. */
function lacking({ path, call = '' }: VaultError): string {
  const capability = CAPABILITIES[call];
  if (capability === undefined || path === '') return 'no policy of the token allows it';
  return `no policy of the token allows ${capability} on \`${path}\``;
}

/** Of what is merely not there Vault says nothing more; for a mount or a path that it does not know it has words. */
const isNoPath = (error: VaultError): boolean =>
  error.errors.length + error.warnings.length > 0 && !(error as VaultInvalidPathError).metadata;

/** Which of the three a 404 of KV means; all are "not found" for the core. */
function absence(error: VaultError): string {
  const { metadata } = error as VaultInvalidPathError;
  if (!metadata) return 'there is nothing at this path.';
  if (metadata.destroyed) return `version ${metadata.version} was destroyed; its data are gone for good.`;
  const { version, deletion_time: time } = metadata;
  return `version ${version} was deleted${time && ` at ${time}`}; \`vault kv undelete\` brings it back.`;
}

/**
 * Of a renewal. Vault answers 400 where the lease was revoked, has ended, is past its maximum or can't be extended, and 500 where something of its
 * own broke: new credentials are due.
 */
export function isRefusedRenewal({ code, cause }: SecretError): boolean {
  return code === 'SECRET_CONFIGURATION' || (cause as { status?: number } | undefined)?.status === 500;
}
