import type { SecretErrorDetails } from '../../../core/errors/index.js';
import { foreignLabel } from '../../../core/errors/foreign-text.js';
import {
  isSecretError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { TokenSource } from './access-tokens.js';
import { AccessToken, isAway } from '../../http/index.js';

/**
 * Google's own credentials, by their shape: `new GoogleAuth({ scopes })` of google-auth-library, one of its clients, or anything of one's own. Asked
 * before each request, for it keeps its tokens itself.
 */
export interface GoogleAuthLike {
  getAccessToken(): Promise<string | { readonly token?: string | null | undefined } | null | undefined>;
  /** Asked where `projectId` is not given. */
  getProjectId?(): Promise<string>;
}

/** Throws SecretConfigurationError for what has no such shape. */
export function checkAuth(auth: GoogleAuthLike | undefined, details: SecretErrorDetails): void {
  const { getAccessToken } = (auth ?? {}) as Partial<GoogleAuthLike>;
  if (auth === undefined || typeof getAccessToken === 'function') return;
  throw new SecretConfigurationError('"auth" has no method getAccessToken().', {
    ...details,
    advice:
      'Give `new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" })`, or an object that gives tokens.',
  });
}

/** Tokens of what the app has handed in. */
export class GivenAuth implements TokenSource {
  readonly quotaProject = undefined;
  readonly #auth: GoogleAuthLike;

  constructor(
    auth: GoogleAuthLike,
    private readonly sourceKind: string,
  ) {
    this.#auth = auth;
  }

  async token(): Promise<AccessToken> {
    const given = await this.#asked('getAccessToken', () => this.#auth.getAccessToken());
    const text = typeof given === 'string' ? given : given?.token;
    if (!AccessToken.isText(text)) throw this.#useless('gives no token from getAccessToken().');
    return new AccessToken(text, 0);
  }

  async projectId(): Promise<string | undefined> {
    if (!this.#auth.getProjectId) return undefined;
    const given: unknown = await this.#asked('getProjectId', () => this.#auth.getProjectId!());
    return typeof given === 'string' && given !== '' ? given : undefined;
  }

  async #asked<T>(method: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (isSecretError(cause)) throw cause;
      if (isAway(cause)) {
        const reason = `the given auth gets no answer in ${method}(): ${foreignLabel(cause)}.`;
        throw new SecretSourceUnavailableError(reason, { sourceKind: this.sourceKind, cause });
      }
      throw this.#useless(`failed in ${method}().`, cause); // its text may quote what was sent
    }
  }

  #useless(what: string, cause?: unknown): SecretAuthenticationError {
    const advice = 'Correct what is handed in as `auth`, or what it asks.';
    return new SecretAuthenticationError(`the given auth ${what}`, { sourceKind: this.sourceKind, cause, advice });
  }

  static {
    hideInOutput(GivenAuth.prototype, () => '[secrets of a given auth]');
  }
}
