import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { withoutEffect } from '../../../core/errors/transient.js';
import { hideInOutput } from '../../../core/redaction.js';
import { RenewedAhead } from '../../../core/source/renewed-ahead.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { AccessToken } from '../../http/index.js';
import { KIND } from '../azure-key-vault.errors.js';
import type { TokenIssuer, TokenWish } from './token-issuer.js';

/** Milliseconds for one token, whatever it takes: a credential that never answers must not hold up those who come later. */
const LONGEST = 30_000;
const MINUTE = 60_000;

/** The vault's access token: fetched once for all who ask at the same time, kept, and renewed five minutes (or a fifth of its life) ahead of its end behind the back of callers. */
export class AccessTokens {
  readonly #issuer: TokenIssuer;
  readonly #token: RenewedAhead<AccessToken, TokenWish>;
  #claims: string | undefined;

  constructor(issuer: TokenIssuer, now?: () => number) {
    this.#issuer = issuer;
    this.#token = new RenewedAhead({
      of: 'access token',
      sourceKind: KIND,
      ask: (signal, wish) => this.#issue(wish, signal),
      ahead: (life) => Math.min(5 * MINUTE, life / 5),
      now,
    });
  }

  /** The token's text. Rejects with SecretErrors; a caller who aborts leaves the flight to the others. */
  async get(wish: TokenWish): Promise<string> {
    return (await this.#token.current(wish, wish.signal)).text;
  }

  /** Throws a refused token away, unless it has been replaced already. @param claims that the vault wants in the next one. */
  discard(text: string, claims?: string): void {
    if (this.#token.discard((token) => token.text === text)) this.#claims = claims;
  }

  /** Ends what is under way. Tokens of Entra ID can't be revoked, so they are forgotten. */
  async close(): Promise<void> {
    this.#token.forget();
    await this.#issuer.close();
  }

  async #issue({ scope, tenantId }: TokenWish, ended: AbortSignal): Promise<AccessToken> {
    const claims = this.#claims;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), LONGEST);
    timer.unref();
    const signal = AbortSignal.any([late.signal, ended]);
    try {
      const issued = this.#issuer.issue({ scope, tenantId, claims, signal });
      const token = await unlessAborted(issued, signal, () => unfinished(late.signal.aborted));
      if (this.#claims === claims) this.#claims = undefined;
      return token;
    } catch (error) {
      throw isSecretError(error) ? withoutEffect(error) : error; // nothing was asked of the vault yet
    } finally {
      clearTimeout(timer);
    }
  }

  static {
    hideInOutput(AccessTokens.prototype, () => '[secrets access token]');
  }
}

const unfinished = (isLate: boolean): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(
    isLate
      ? `no access token came within ${LONGEST} ms.`
      : 'the source was closed while it waited for an access token.',
    { sourceKind: KIND },
  );
