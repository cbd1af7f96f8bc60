import { hideInOutput } from '../../../core/redaction.js';
import { GRACE } from '../../../core/source/attempts.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import type { HttpRequest, HttpResponse, HttpTransportOptions } from '../../http/index.js';
import { HttpTransport } from '../../http/index.js';
import type { TokenSource } from './access-tokens.js';
import { AccessTokens } from './access-tokens.js';

export interface AuthorizedApiOptions {
  readonly api: HttpTransportOptions;
  readonly tokens: TokenSource;
  /** Who pays for the requests, in place of what the credentials say. */
  readonly quotaProject: string | undefined;
}

/** One API of Google's, with a token in each request. */
export class AuthorizedApi {
  readonly #options: AuthorizedApiOptions;
  readonly #api: HttpTransport;
  readonly #tokens: AccessTokens;

  /** @param isUnauthenticated true for an answer that refuses the token. */
  constructor(
    options: AuthorizedApiOptions,
    private readonly isUnauthenticated: (response: HttpResponse) => boolean,
  ) {
    this.#options = options;
    this.#api = new HttpTransport(options.api);
    this.#tokens = new AccessTokens(options.tokens, options.api.sourceKind);
  }

  get origin(): string {
    return this.#api.origin;
  }

  /** With a token; where that is refused, once more with a new one (a 401 had no effect). */
  async request(call: HttpRequest, context: ReadContext): Promise<HttpResponse> {
    const token = await this.#tokens.get(context.signal);
    const response = await this.#send(call, token, context);
    if (!this.isUnauthenticated(response)) return response;
    this.#tokens.discard(token);
    return this.#send(call, await this.#tokens.get(context.signal), context);
  }

  /** Ends running requests, releases the sockets and forgets the token. The next call opens again. */
  async close(): Promise<void> {
    this.#tokens.forget();
    await this.#api.close();
  }

  async #send(call: HttpRequest, token: string, { signal, timeout, progress }: ReadContext): Promise<HttpResponse> {
    const { quotaProject = this.#options.tokens.quotaProject } = this.#options;
    progress?.(GRACE); // the token's request, where there was one, is over
    return this.#api.request({
      ...call,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(quotaProject !== undefined && { 'x-goog-user-project': quotaProject }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      signal,
      timeout,
    });
  }

  static {
    hideInOutput(AuthorizedApi.prototype, (self) => `[secrets of ${self.origin}]`);
  }
}
