import { hideInOutput } from '../../core/redaction.js';
import { GRACE } from '../../core/source/attempts.js';
import { Pace } from '../../core/source/pace.js';
import type { ReadContext } from '../../core/source/secret-source.js';
import type { Destination } from '../http/destination.js';
import type { HttpResponse } from '../http/index.js';
import { HttpTransport, PageTokens, repeatedRequest } from '../http/index.js';
import { AccessTokens } from './access-token.js';
import type { HcpFields, HcpPage, HcpSecret } from './hcp-vault-secrets.answers.js';
import { fieldsOf, openedSecretOf, pageOf } from './hcp-vault-secrets.answers.js';
import type { Attempt } from './hcp-vault-secrets.errors.js';
import { errorOf, isItsOwn } from './hcp-vault-secrets.errors.js';
import { KIND } from './hcp-vault-secrets.options.js';
import type { HcpVaultSecretsSettings } from './hcp-vault-secrets.settings.js';

/** What was found of the addresses when the source was made. */
export interface HcpDestinations {
  readonly api: Destination;
  readonly auth: Destination;
}

interface Call extends Attempt {
  readonly method?: 'POST' | undefined;
  /** Below the app. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** Requests under way at a time, of all readings. */
const MOST_AT_ONCE = 32;
const PAGE_SIZE = 'pagination.page_size=100';
/** Never without it: `secrets:open` would open the dynamic secrets too, and issue new credentials each time. */
const STATIC_TYPES = 'types=kv&types=rotating';

/** The calls of API version 2023-11-28 on one app, with their token. Rejects only with SecretError. */
export class HcpVaultSecretsClient {
  readonly #api: HttpTransport;
  readonly #auth: HttpTransport;
  readonly #tokens: AccessTokens;
  readonly #pace = new Pace({ most: MOST_AT_ONCE });
  readonly #root: string;
  readonly #app: string;

  constructor(
    { organizationId, projectId, appName, credentials, api, auth }: HcpVaultSecretsSettings,
    destinations: HcpDestinations,
  ) {
    this.#api = new HttpTransport(api, destinations.api);
    this.#auth = new HttpTransport(auth, destinations.auth);
    this.#tokens = new AccessTokens(this.#auth, credentials);
    const [organization, project, app] = [organizationId, projectId, appName].map(encodeURIComponent);
    this.#root = `/secrets/2023-11-28/organizations/${organization}/projects/${project}/apps/${app}`;
    this.#app = `app "${appName}"`;
  }

  /** Opens static and rotating secrets, a page at a time: all, or those whose names contain `part`. Issues nothing. */
  openPages(part: string | undefined, context: ReadContext): AsyncGenerator<readonly HcpSecret[]> {
    const filter = part ? `${STATIC_TYPES}&name_contains=${encodeURIComponent(part)}` : STATIC_TYPES;
    return this.#pages('/secrets:open', filter, `opening the secrets of ${this.#app}`, context);
  }

  /** Lists secrets of all types whose names contain `part`, without their values, a page at a time. */
  listPages(part: string | undefined, context: ReadContext): AsyncGenerator<readonly HcpSecret[]> {
    const filter = part ? `name_contains=${encodeURIComponent(part)}` : '';
    return this.#pages('/secrets', filter, `listing the secrets of ${this.#app}`, context);
  }

  /** Opens one secret. Of a dynamic one this issues new credentials; that it was static a moment ago does not rule it out. */
  async open(name: string, context: ReadContext): Promise<HcpSecret | undefined> {
    const path = `/secrets/${encodeURIComponent(name)}:open`;
    return this.#call({ path, tried: `opening it in ${this.#app}`, mayIssue: true }, context, openedSecretOf);
  }

  /** Opens one version: `{ static_version }` or `{ rotating_version }`. */
  async openVersion(name: string, version: string, context: ReadContext): Promise<HcpFields> {
    const path = `/secrets/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}:open`;
    const tried = `opening version ${version} in ${this.#app}`;
    return this.#call({ path, tried, mayIssue: false }, context, fieldsOf);
  }

  /** Creates a static secret, or adds a version to it. */
  async putStatic(name: string, value: string, context: ReadContext): Promise<void> {
    const call: Call = {
      method: 'POST',
      path: '/secret/kv',
      body: JSON.stringify({ name, value }),
      tried: `writing it to ${this.#app}`,
      mayIssue: true, // a version, not credentials: sent again it would be one more
    };
    await this.#call(call, context, () => undefined);
  }

  /** Ends running requests, releases the sockets and forgets the token. The next call opens again. */
  async close(): Promise<void> {
    this.#tokens.forget();
    await Promise.all([this.#api.close(), this.#auth.close()]);
  }

  async *#pages(
    path: string,
    filter: string,
    tried: string,
    context: ReadContext,
  ): AsyncGenerator<readonly HcpSecret[]> {
    const tokens = new PageTokens(KIND);
    let token: string | undefined;
    do {
      const query = [filter, PAGE_SIZE, token && `pagination.next_page_token=${encodeURIComponent(token)}`];
      const call = { path: `${path}?${query.filter(Boolean).join('&')}`, tried, mayIssue: false };
      const page: HcpPage = await this.#call(call, context, pageOf);
      yield page.secrets;
      token = tokens.next(page.next, tried);
    } while (token !== undefined);
  }

  /** One request, in as many attempts as it takes. */
  async #call<T>(call: Call, context: ReadContext, read: (answer: unknown) => T): Promise<T> {
    return repeatedRequest(this.#pace, !call.mayIssue, context, async () => {
      const response = await this.#authorized(call, context);
      if (response.status < 200 || response.status > 299) throw errorOf(response, call);
      return read(response.json());
    });
  }

  /** With a token; where that is refused, once more with a new one (a 401 had no effect). */
  async #authorized(call: Call, context: ReadContext): Promise<HttpResponse> {
    const token = await this.#tokens.get(context.signal);
    const response = await this.#send(call, token, context);
    if (response.status !== 401 || !isItsOwn(response)) return response;
    this.#tokens.discard(token);
    return this.#send(call, await this.#tokens.get(context.signal), context);
  }

  async #send({ method, path, body, mayIssue }: Call, token: string, context: ReadContext): Promise<HttpResponse> {
    const { signal, timeout, progress } = context;
    progress?.(GRACE); // the token's request, where there was one, is over
    return this.#api.request({
      method,
      path: this.#root + path,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body,
      signal,
      timeout,
      repeatable: !mayIssue,
    });
  }

  static {
    hideInOutput(HcpVaultSecretsClient.prototype, (self) => `[secrets of ${self.#app}]`);
  }
}
