import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';

/** An OAuth access token, or what serves as one. Shows nothing of itself. */
export class AccessToken {
  readonly #text: string;

  /** @param life milliseconds from now on; 0 where whoever gives it keeps it, and is to be asked each time. */
  constructor(
    text: string,
    readonly life: number,
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

/** Where tokens come from. Rejects with SecretError alone. */
export interface TokenSource {
  /** A new one. @param signal ends the request, when nobody needs it any more. */
  token(signal: AbortSignal): Promise<AccessToken>;
  /** The project that the credentials belong to, where they tell. */
  projectId(signal: AbortSignal): Promise<string | undefined>;
  /** Who pays for the requests and whose quota counts, where the credentials tell; known once there is a token. */
  readonly quotaProject: string | undefined;
}

interface Kept {
  readonly token: AccessToken;
  /** From then on a new one is fetched while this one serves. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** Google's metadata server gives the same token again until about four minutes before its end. */
const AHEAD = 225_000;

/** The token in use: fetched once for all who ask at the same time, kept, and renewed ahead of its end behind the back of callers. */
export class AccessTokens {
  #kept: Kept | undefined;
  #flight: Promise<AccessToken> | undefined;
  #closing = new AbortController();

  constructor(
    private readonly source: TokenSource,
    private readonly sourceKind: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The token's text. A caller who aborts leaves the flight to the others. */
  async get(signal: AbortSignal): Promise<string> {
    const now = this.now();
    const kept = this.#kept;
    if (kept && now < kept.expiresAt) {
      // A renewal that fails is of no account while the token serves; the next caller tries again.
      if (now >= kept.renewAt) this.#fetch().catch(() => undefined);
      return kept.token.text;
    }
    return (await unlessAborted(this.#fetch(), signal, this.#stopped(signal))).text;
  }

  /** Throws a refused token away, unless it has been replaced already. */
  discard(text: string): void {
    if (this.#kept?.token.text === text) this.#kept = undefined;
  }

  /** Ends the request for one that is under way. */
  forget(): void {
    this.#kept = undefined;
    this.#flight = undefined;
    this.#closing.abort();
    this.#closing = new AbortController();
  }

  #fetch(): Promise<AccessToken> {
    if (this.#flight) return this.#flight;
    const sentAt = this.now(); // its life counts from the sending, so that it never seems longer than it is
    const flight = this.source.token(this.#closing.signal).then((token) => {
      const { life } = token;
      if (this.#flight === flight) {
        this.#kept = { token, renewAt: sentAt + Math.max(life * 0.8, life - AHEAD), expiresAt: sentAt + life };
      }
      return token;
    });
    this.#flight = flight;
    const landed = (): void => {
      if (this.#flight === flight) this.#flight = undefined;
    };
    flight.then(landed, landed);
    return flight;
  }

  readonly #stopped = (signal: AbortSignal) => (): SecretSourceUnavailableError =>
    new SecretSourceUnavailableError('the wait for an access token was aborted.', {
      sourceKind: this.sourceKind,
      cause: signal.reason as unknown,
    });

  static {
    hideInOutput(AccessTokens.prototype, () => '[secrets access token]');
  }
}
