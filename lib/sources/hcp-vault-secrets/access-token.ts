import { isSecretError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { withoutEffect } from '../../core/errors/transient.js';
import { hideInOutput } from '../../core/redaction.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { HttpTransport } from '../http/index.js';
import type { ClientCredentials } from './client-credentials.js';
import { KIND, tokenErrorOf } from './hcp-vault-secrets.errors.js';

/** An OAuth access token and its time on the monotonic clock. Shows nothing of itself. */
class AccessToken {
  readonly #text: string;

  constructor(
    text: string,
    /** From then on a new one is fetched while this one serves. */
    readonly renewAt: number,
    readonly expiresAt: number,
  ) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  static {
    hideInOutput(AccessToken.prototype, () => '[secret access token]');
  }
}

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
  #token: AccessToken | undefined;
  #flight: Promise<AccessToken> | undefined;

  constructor(
    private readonly transport: HttpTransport,
    private readonly credentials: ClientCredentials,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The token's text. Rejects with SecretAuthenticationError and its kin; a caller who aborts leaves the flight to the others. */
  async get(signal: AbortSignal): Promise<string> {
    const now = this.now();
    const token = this.#token;
    if (token && now < token.expiresAt) {
      // A renewal that fails is of no account while the token serves; the next caller tries again.
      if (now >= token.renewAt) this.#fetch().catch(() => undefined);
      return token.text;
    }
    return (await unlessAborted(this.#fetch(), signal, stopped(signal))).text;
  }

  /** Throws a refused token away, unless it has been replaced already. */
  discard(text: string): void {
    if (this.#token?.text === text) this.#token = undefined;
  }

  /** The endpoint has no call to revoke a token, so it is forgotten. */
  forget(): void {
    this.#token = undefined;
    this.#flight = undefined;
  }

  #fetch(): Promise<AccessToken> {
    if (this.#flight) return this.#flight;
    const flight = this.#request().then((token) => {
      if (this.#flight === flight) this.#token = token; // else it was forgotten in the meantime
      return token;
    });
    this.#flight = flight;
    const landed = (): void => {
      if (this.#flight === flight) this.#flight = undefined;
    };
    flight.then(landed, landed);
    return flight;
  }

  async #request(): Promise<AccessToken> {
    const sentAt = this.now(); // the life counts from the sending, so that it never seems longer than it is
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
      return this.#read(response.json(), sentAt);
    } catch (error) {
      throw isSecretError(error) ? withoutEffect(error) : error;
    }
  }

  #read(answer: unknown, sentAt: number): AccessToken {
    const { access_token: text, expires_in: seconds } = (answer ?? {}) as Record<string, unknown>;
    if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) {
      throw new SecretSourceUnavailableError(`${this.transport.origin} answered without an access token.`, {
        sourceKind: KIND,
        advice: 'Check authUrl (HCP_AUTH_URL): it should be the host whose /oauth2/token gives tokens.',
      });
    }
    const told = Number(seconds ?? Number.NaN);
    const life = Number.isFinite(told) && told >= 0 ? told * 1000 : UNKNOWN_LIFE;
    return new AccessToken(text, sentAt + Math.max(life * 0.8, life - MINUTE), sentAt + life);
  }

  static {
    hideInOutput(AccessTokens.prototype, () => '[secrets access token]');
  }
}

/** Nothing had an effect, for no request of the caller's own was sent. */
const stopped = (signal: AbortSignal) => (): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError('the wait for an access token was aborted.', {
    sourceKind: KIND,
    cause: signal.reason as unknown,
  });
