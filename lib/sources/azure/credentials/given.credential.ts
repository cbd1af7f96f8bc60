import {
  isSecretError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { foreignLabel } from '../../../core/errors/foreign-text.js';
import { hideInOutput } from '../../../core/redaction.js';
import { KIND } from '../azure-key-vault.errors.js';
import type { AzureTokenCredential } from '../azure-key-vault.options.js';
import { AccessToken, isAway } from '../../http/index.js';
import type { TokenIssuer, TokenWish } from './token-issuer.js';

/** A credential of somebody else's, by its shape: those of `@azure/identity`. */
export class GivenCredential implements TokenIssuer {
  readonly #credential: AzureTokenCredential;

  /** Throws SecretConfigurationError for what gives no tokens. */
  constructor(credential: AzureTokenCredential) {
    if (typeof (credential as Partial<AzureTokenCredential> | undefined)?.getToken !== 'function') {
      throw new SecretConfigurationError('"credential" is an object with the method getToken(scopes).', {
        sourceKind: KIND,
        advice: 'Give one of @azure/identity, e.g. new DefaultAzureCredential(); without it the environment decides.',
      });
    }
    this.#credential = credential;
  }

  async issue({ scope, tenantId, claims, signal }: TokenWish): Promise<AccessToken> {
    let given: Awaited<ReturnType<AzureTokenCredential['getToken']>>;
    try {
      given = await this.#credential.getToken(scope, {
        abortSignal: signal,
        enableCae: true,
        ...(tenantId !== undefined && { tenantId }),
        ...(claims !== undefined && { claims }),
      });
    } catch (cause) {
      throw failed(cause);
    }
    const { token, expiresOnTimestamp } = given ?? {};
    if (!AccessToken.isText(token)) {
      throw new SecretAuthenticationError('the given credential gives no token.', { sourceKind: KIND });
    }
    const life = Number(expiresOnTimestamp) - Date.now();
    // One that has ended is handed on for one request: the vault is the judge, should the clocks disagree.
    return new AccessToken(token, Number.isNaN(life) ? 0 : Math.max(0, life));
  }

  async close(): Promise<void> {
    // It is the app's own.
  }

  static {
    hideInOutput(GivenCredential.prototype, () => '[secrets of a credential]');
  }
}

/** Its text is not kept: those of @azure/identity hold what the endpoints said. */
function failed(cause: unknown): Error {
  if (isSecretError(cause)) return cause;
  const reason = `the given credential gives no token: ${foreignLabel(cause)}.`;
  if (isAway(cause)) return new SecretSourceUnavailableError(reason, { sourceKind: KIND, cause });
  return new SecretAuthenticationError(reason, {
    sourceKind: KIND,
    cause,
    advice: 'Try it by itself: await credential.getToken("https://vault.azure.net/.default").',
  });
}
