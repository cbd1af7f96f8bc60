import { hideInOutput } from '../../../core/redaction.js';
import { RenewedAhead } from '../../../core/source/renewed-ahead.js';
import type { AccessToken } from '../../http/index.js';

/** Where tokens come from. Rejects only with SecretError. */
export interface TokenSource {
  /** A new one. @param signal ends the request, when nobody needs it any more. */
  token(signal: AbortSignal): Promise<AccessToken>;
  /** The project that the credentials belong to, where they tell. */
  projectId(signal: AbortSignal): Promise<string | undefined>;
  /** Who pays for the requests and whose quota counts, where the credentials tell; known once there is a token. */
  readonly quotaProject: string | undefined;
}

/** Google's metadata server gives the same token again until about four minutes before its end. */
const AHEAD = 225_000;

/** The token in use: fetched once for all who ask at the same time, kept, and renewed ahead of its end behind the back of callers. */
export class AccessTokens {
  readonly #token: RenewedAhead<AccessToken>;

  constructor(source: TokenSource, sourceKind: string, now?: () => number) {
    this.#token = new RenewedAhead({
      of: 'access token',
      sourceKind,
      ask: (signal) => source.token(signal),
      ahead: (life) => Math.min(AHEAD, life / 5),
      now,
    });
  }

  /** The token's text. A caller who aborts leaves the flight to the others. */
  async get(signal: AbortSignal): Promise<string> {
    return (await this.#token.current(undefined, signal)).text;
  }

  /** Throws a refused token away, unless it has been replaced already. */
  discard(text: string): void {
    this.#token.discard((token) => token.text === text);
  }

  /** Ends the request for one that is under way. */
  forget(): void {
    this.#token.forget();
  }

  static {
    hideInOutput(AccessTokens.prototype, () => '[secrets access token]');
  }
}
