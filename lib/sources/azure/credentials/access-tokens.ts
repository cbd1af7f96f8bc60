import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { withoutEffect } from '../../../core/errors/transient.js';
import { hideInOutput } from '../../../core/redaction.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import { KIND } from '../azure-key-vault.errors.js';
import type { IssuedToken, TokenIssuer, TokenWish } from './token-issuer.js';

/** Milliseconds for one token, whatever it takes: a credential that never answers must not hold up those who come later. */
const LONGEST = 30_000;
const MINUTE = 60_000;

interface Kept {
  readonly token: IssuedToken;
  /** On the monotonic clock. From `renewAt` on a new one is fetched while this one serves. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** The vault's access token: fetched once for all who ask at the same time, kept, and renewed five minutes (or a fifth of its life) ahead of its end behind the back of callers. */
export class AccessTokens {
  #kept: Kept | undefined;
  #flight: Promise<Kept> | undefined;
  #claims: string | undefined;
  #ended = new AbortController();

  constructor(
    private readonly issuer: TokenIssuer,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The token's text. Rejects with SecretErrors; a caller who aborts leaves the flight to the others. */
  async get(wish: TokenWish): Promise<string> {
    const now = this.now();
    const kept = this.#kept;
    if (kept && now < kept.expiresAt) {
      // A renewal that fails is of no account while the token serves; the next caller tries again.
      if (now >= kept.renewAt) this.#fetch(wish).catch(() => undefined);
      return kept.token.text;
    }
    return (await unlessAborted(this.#fetch(wish), wish.signal, stopped(wish.signal))).token.text;
  }

  /** Throws a refused token away, unless it has been replaced already. @param claims that the vault wants in the next one. */
  discard(text: string, claims?: string): void {
    if (this.#kept?.token.text !== text) return;
    this.#kept = undefined;
    this.#claims = claims;
  }

  /** Ends what is under way. Tokens of Entra ID can't be revoked, so they are forgotten. */
  async close(): Promise<void> {
    this.#kept = this.#flight = undefined;
    this.#ended.abort();
    this.#ended = new AbortController();
    await this.issuer.close();
  }

  #fetch(wish: TokenWish): Promise<Kept> {
    if (this.#flight) return this.#flight;
    const flight = this.#issue(wish).then((kept) => {
      if (this.#flight === flight) this.#kept = kept; // else it was forgotten in the meantime
      return kept;
    });
    this.#flight = flight;
    const landed = (): void => {
      if (this.#flight === flight) this.#flight = undefined;
    };
    flight.then(landed, landed);
    return flight;
  }

  async #issue({ scope, tenantId }: TokenWish): Promise<Kept> {
    const sentAt = this.now(); // the life counts from the asking, so that it never seems longer than it is
    const claims = this.#claims;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), LONGEST);
    timer.unref();
    const signal = AbortSignal.any([late.signal, this.#ended.signal]);
    try {
      const issued = this.issuer.issue({ scope, tenantId, claims, signal });
      const token = await unlessAborted(issued, signal, () => unfinished(late.signal.aborted));
      if (this.#claims === claims) this.#claims = undefined;
      const ahead = Math.min(5 * MINUTE, token.life / 5);
      return { token, renewAt: sentAt + token.life - ahead, expiresAt: sentAt + token.life };
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

/** Nothing had an effect, for no request of the caller's own was sent. */
const stopped = (signal: AbortSignal) => (): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError('the wait for an access token was aborted.', {
    sourceKind: KIND,
    cause: signal.reason as unknown,
  });
