import { SecretSourceUnavailableError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { GRACE } from '../../core/source/attempts.js';
import { Pace } from '../../core/source/pace.js';
import type { ReadContext } from '../../core/source/secret-source.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { BaseUrl, HttpResponse } from '../http/index.js';
import { HttpTransport, PageTokens, repeatedRequest } from '../http/index.js';
import type { ListedSecret, Page, SecretBundle } from './azure-key-vault.answers.js';
import { bundleOf, pageOf, purgeDateOf } from './azure-key-vault.answers.js';
import type { Attempt } from './azure-key-vault.errors.js';
import { errorOf, isUnauthorized, KIND } from './azure-key-vault.errors.js';
import type { AzureKeyVaultSettings } from './azure-key-vault.settings.js';
import type { Challenged } from './challenge.js';
import { challenged, claimsOf } from './challenge.js';
import { AccessTokens } from './credentials/access-tokens.js';

interface Call extends Attempt {
  readonly method?: 'PUT' | undefined;
  /** From the vault's origin, with its query. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** What a new version is made of. */
export interface NewVersion {
  readonly value: string;
  readonly contentType?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Requests under way at a time, of all readings: as Microsoft's own loader for .NET has it. */
export const MOST_AT_ONCE = 32;
/** Nothing newer is needed; each vault knows it. */
const API = 'api-version=7.5';

/** The calls on one vault's secrets, with their token. Names have been checked. Rejects only with SecretErrors. */
export class AzureKeyVaultClient {
  readonly #vault: HttpTransport;
  readonly #base: BaseUrl;
  readonly #tokens: AccessTokens;
  readonly #pace = new Pace({ most: MOST_AT_ONCE });
  #asked: Promise<Challenged> | undefined;

  constructor({ vault, base, scope, issuer }: AzureKeyVaultSettings) {
    this.#vault = new HttpTransport(vault);
    this.#base = base;
    this.#tokens = new AccessTokens(issuer);
    if (scope !== undefined) this.#asked = Promise.resolve({ scope, tenantId: undefined });
  }

  /** Where its secrets are: for errors. */
  get place(): string {
    return this.#base.origin;
  }

  /** A version; without one the current one. */
  get(name: string, version: string | undefined, context: ReadContext): Promise<SecretBundle> {
    const which = version === undefined ? '' : `/${version}`;
    const tried = `reading ${version === undefined ? 'it' : `version ${version}`} at ${this.place}`;
    const call: Call = { path: `/secrets/${name}${which}?${API}`, tried, permission: 'get', mayChange: false };
    return this.#call(call, context, (answer) => bundleOf(answer, name, version));
  }

  /** When a deleted secret is gone for good (milliseconds since 1970; 0 where that is not told); undefined where there is none, or nobody tells: it is asked once, only for the error's text. */
  async purgeDate(name: string, context: ReadContext): Promise<number | undefined> {
    try {
      const path = `/deletedsecrets/${name}?${API}`;
      const response = await this.#authorized({ path, tried: '', permission: 'get', mayChange: false }, context);
      return response.status === 200 ? purgeDateOf(response.json()) : undefined;
    } catch {
      return undefined; // it is missing whatever became of it
    }
  }

  /** All secrets of the vault without their values, disabled ones too, a page at a time. */
  listPages(context: ReadContext): AsyncGenerator<readonly ListedSecret[]> {
    return this.#pages('/secrets', `listing the secrets of ${this.place}`, context);
  }

  /** In no order. */
  versionPages(name: string, context: ReadContext): AsyncGenerator<readonly ListedSecret[]> {
    return this.#pages(`/secrets/${name}/versions`, `listing its versions at ${this.place}`, context);
  }

  /** Creates a secret, or adds a version to it: sent again it would be one more. */
  set(name: string, version: NewVersion, context: ReadContext): Promise<SecretBundle> {
    const call: Call = {
      method: 'PUT',
      path: `/secrets/${name}?${API}`,
      body: JSON.stringify(version),
      tried: `writing it to ${this.place}`,
      permission: 'set',
      mayChange: true,
    };
    return this.#call(call, context, (answer) => bundleOf(answer, name, undefined));
  }

  /** Ends running requests, releases the sockets and forgets the token. The next call opens again. */
  async close(): Promise<void> {
    await Promise.all([this.#tokens.close(), this.#vault.close()]);
  }

  async *#pages(path: string, tried: string, context: ReadContext): AsyncGenerator<readonly ListedSecret[]> {
    const tokens = new PageTokens(KIND);
    let next = tokens.next(`${path}?${API}&maxresults=25`, tried);
    while (next !== undefined) {
      const page: Page = await this.#call({ path: next, tried, permission: 'list', mayChange: false }, context, pageOf);
      yield page.items;
      next = page.next === undefined ? undefined : tokens.next(this.#following(page.next, path, tried), tried);
    }
  }

  /** The token goes only to the vault, whatever a list says of where it goes on. */
  #following(link: string, path: string, tried: string): string {
    const url = URL.canParse(link) ? new URL(link) : undefined;
    if (url?.origin === this.#base.origin && url.pathname.replace(/\/$/, '') === path) return url.pathname + url.search;
    throw new SecretSourceUnavailableError(`${tried} goes on at another address, which is not followed.`, {
      sourceKind: KIND,
      advice: 'Give the vault’s own address as vaultUrl.',
    });
  }

  /** One request, in as many attempts as it takes. */
  async #call<T>(call: Call, context: ReadContext, read: (answer: unknown) => T): Promise<T> {
    return repeatedRequest(this.#pace, !call.mayChange, context, async () => {
      const response = await this.#authorized(call, context);
      if (response.status < 200 || response.status > 299) throw errorOf(response, call);
      return read(response.json());
    });
  }

  /** With a token; where that is refused, once more with a new one, with the claims that the vault asks for (a 401 had no effect). */
  async #authorized(call: Call, context: ReadContext): Promise<HttpResponse> {
    const { signal } = context;
    const wish = { ...(await this.#challenged(context)), signal };
    const token = await this.#tokens.get(wish);
    const response = await this.#send(call, token, context);
    if (!isUnauthorized(response)) return response;
    this.#tokens.discard(token, claimsOf(response));
    return this.#send(call, await this.#tokens.get(wish), context);
  }

  /** Whom tokens are for. Where the vault's host does not tell, it is asked, once, without any. */
  #challenged(context: ReadContext): Promise<Challenged> {
    const ask = async (): Promise<Challenged> => {
      const { timeout = 10_000 } = context;
      const path = `/secrets?${API}&maxresults=1`;
      const response = await this.#vault.request({ path, timeout, redirect: 'manual', repeatable: true });
      if (response.status === 429 || response.status >= 500) {
        throw errorOf(response, {
          tried: `asking ${this.place} whom a token is for`,
          permission: 'list',
          mayChange: false,
        });
      }
      return challenged(response, this.#base);
    };
    if (!this.#asked) {
      const asked = ask();
      this.#asked = asked;
      asked.catch(() => {
        if (this.#asked === asked) this.#asked = undefined; // the next call asks again
      });
    }
    const { signal } = context;
    const stopped = () =>
      new SecretSourceUnavailableError(`the question to ${this.place} whom a token is for was aborted.`, {
        sourceKind: KIND,
        cause: signal.reason as unknown,
      });
    return unlessAborted(this.#asked, signal, stopped);
  }

  async #send({ method, path, body, mayChange }: Call, token: string, context: ReadContext): Promise<HttpResponse> {
    const { signal, timeout, progress } = context;
    progress?.(GRACE); // the token's request, where there was one, is over
    return this.#vault.request({
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body,
      signal,
      timeout,
      repeatable: !mayChange,
    });
  }

  static {
    hideInOutput(AzureKeyVaultClient.prototype, (self) => `[secrets of ${self.place}]`);
  }
}
