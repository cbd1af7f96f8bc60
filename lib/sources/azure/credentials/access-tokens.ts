import { isSecretError } from '../../../core/errors/index.js';
import { withoutEffect } from '../../../core/errors/transient.js';
import { hideInOutput } from '../../../core/redaction.js';
import { RenewedAhead } from '../../../core/source/renewed-ahead.js';
import type { AccessToken } from '../../http/index.js';
import { KIND } from '../azure-key-vault.errors.js';
import type { TokenIssuer, TokenWish } from './token-issuer.js';

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
    this.#claims = undefined;
    this.#token.forget();
    await this.#issuer.close();
  }

  async #issue({ scope, tenantId }: TokenWish, signal: AbortSignal): Promise<AccessToken> {
    const claims = this.#claims;
    const settled = (): void => {
      if (this.#claims === claims) this.#claims = undefined;
    };
    try {
      const token = await this.#issuer.issue({ scope, tenantId, claims, signal });
      settled();
      return token;
    } catch (error) {
      // Claims that are refused are asked for once: a vault's answer that was garbled must not spoil all tokens that follow.
      if (!isSecretError(error) || error.code === 'SECRET_AUTHENTICATION') settled();
      throw isSecretError(error) ? withoutEffect(error) : error; // nothing was asked of the vault yet
    }
  }

  static {
    hideInOutput(AccessTokens.prototype, () => '[secrets access token]');
  }
}
