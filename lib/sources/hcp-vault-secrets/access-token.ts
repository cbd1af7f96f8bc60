import { isSecretError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { withoutEffect } from '../../core/errors/transient.js';
import { hideInOutput } from '../../core/redaction.js';
import { RenewedAhead } from '../../core/source/renewed-ahead.js';
import type { HttpTransport } from '../http/index.js';
import { AccessToken } from '../http/index.js';
import type { ClientCredentials } from './client-credentials.js';
import { tokenErrorOf } from './hcp-vault-secrets.errors.js';
import { KIND } from './hcp-vault-secrets.options.js';

const BODY = new URLSearchParams({
  grant_type: 'client_credentials',
  audience: 'https://api.hashicorp.cloud',
}).toString();
/** Milliseconds for one token request: as long as one request of the core has by default, for callers wait for it. */
const TIMEOUT = 10_000;
const MINUTE = 60_000;
/** Taken where the endpoint tells no `expires_in`, which RFC 6749 §5.1 permits, or one that is no time. */
const UNKNOWN_LIFE = 5 * MINUTE;

/**
 * The access token of a service principal: fetched once for all who ask at the same time, kept, and renewed ahead of its end
 * (60 s before it, or at 80 % of a life too short for that) behind the back of callers.
 */
export class AccessTokens {
  readonly #token: RenewedAhead<AccessToken>;

  constructor(
    private readonly transport: HttpTransport,
    private readonly credentials: ClientCredentials,
    now?: () => number,
  ) {
    this.#token = new RenewedAhead({
      of: 'access token',
      sourceKind: KIND,
      ask: () => this.#request(),
      ahead: (life) => Math.min(MINUTE, life / 5),
      now,
    });
  }

  /** The token's text. Rejects with SecretAuthenticationError and its kin; a caller who aborts leaves the flight to the others. */
  async get(signal: AbortSignal): Promise<string> {
    return (await this.#token.current(undefined, signal)).text;
  }

  /** Throws a refused token away, unless it has been replaced already. */
  discard(text: string): void {
    this.#token.discard((token) => token.text === text);
  }

  /** The endpoint has no call to revoke a token, so it is forgotten. */
  forget(): void {
    this.#token.forget();
  }

  async #request(): Promise<AccessToken> {
    try {
      const response = await this.transport.request({
        method: 'POST',
        path: '/oauth2/token',
        headers: {
          authorization: this.credentials.authorization(),
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: BODY,
        timeout: TIMEOUT,
        repeatable: true,
      });
      if (response.status !== 200) throw tokenErrorOf(response, this.transport.origin);
      return this.#read(response.json());
    } catch (error) {
      throw isSecretError(error) ? withoutEffect(error) : error;
    }
  }

  #read(answer: unknown): AccessToken {
    const { access_token: text, expires_in: seconds } = (answer ?? {}) as Record<string, unknown>;
    if (!AccessToken.isText(text)) {
      throw new SecretSourceUnavailableError(`${this.transport.origin} answered without an access token.`, {
        sourceKind: KIND,
        advice: 'Check authUrl (HCP_AUTH_URL): it should be the host whose /oauth2/token gives tokens.',
      });
    }
    const told = Number(seconds ?? Number.NaN);
    return new AccessToken(text, Number.isFinite(told) && told >= 0 ? told * 1000 : UNKNOWN_LIFE);
  }

  static {
    hideInOutput(AccessTokens.prototype, () => '[secrets access token]');
  }
}
