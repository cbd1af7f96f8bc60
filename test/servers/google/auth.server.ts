import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestServer } from '../../sources/support/server.js';
import { startServer } from '../../sources/support/server.js';

const EMAIL = 'reader@app-project.iam.gserviceaccount.com';
/** Made once: it takes a moment. */
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

export const SUBJECT_TOKEN = 'canary-subject-token-5d20';
export const REFRESH_TOKEN = 'canary-refresh-token-77ac';
const AUDIENCE = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider';

type Form = Record<string, unknown>;

/**
 * Google's endpoints for tokens, played: OAuth 2 (`/token`), the security token service (`/v1/token`), `generateAccessToken` of the IAM credentials API, the
 * metadata server, and an identity provider (`/subject`). Grants and checks are those of their published references; the texts of refusals are not verified.
 */
export class GoogleAuthServer {
  /** Seconds that tokens live. */
  life = 3600;
  /** All endpoints refuse so. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  /** What the metadata server calls its project. */
  projectId = 'app-project';
  readonly #tokens = new Map<string, number>();
  #server!: TestServer;

  static async start(): Promise<GoogleAuthServer> {
    const self = new GoogleAuthServer();
    self.#server = await startServer((request, response) => self.#answer(request, response));
    return self;
  }

  get url(): string {
    return this.#server.url;
  }

  get host(): string {
    return this.url.slice('http://'.length);
  }

  get requests(): TestServer['requests'] {
    return this.#server.requests;
  }

  get issued(): readonly string[] {
    return [...this.#tokens.keys()];
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Ends all tokens that it has given. */
  expireAll(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  /** As the APIs judge it: a token of its own, or one that the service account's key has signed. */
  readonly accepts = (token: string | undefined): boolean => {
    if (token === undefined) return false;
    const known = this.#tokens.get(token);
    if (known !== undefined) return known > Date.now();
    return isSigned(token, (claims) => typeof claims['scope'] === 'string' || typeof claims['aud'] === 'string');
  };

  serviceAccount(): Form {
    return {
      type: 'service_account',
      project_id: 'app-project',
      private_key_id: 'key-1',
      private_key: privateKey,
      client_email: EMAIL,
      client_id: '1234',
      token_uri: `${this.url}/token`,
    };
  }

  authorizedUser(): Form {
    const client = { client_id: 'user-client', client_secret: 'canary-user-secret-19be' };
    return { type: 'authorized_user', ...client, refresh_token: REFRESH_TOKEN, quota_project_id: 'paying-project' };
  }

  /** @param source `{ file }`, or `{ url, headers?, format? }`. */
  externalAccount(source: Form, impersonates = true): Form {
    return {
      type: 'external_account',
      audience: AUDIENCE,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${this.url}/v1/token`,
      credential_source: source,
      ...(impersonates && { service_account_impersonation_url: this.impersonationUrl }),
    };
  }

  get impersonationUrl(): string {
    return `${this.url}/v1/projects/-/serviceAccounts/${EMAIL}:generateAccessToken`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { body } = this.#server.requests.at(-1)!;
    const { method, headers } = request;
    const { pathname } = new URL(request.url ?? '/', this.url);
    const give = (status: number, answer: object | string, more: Record<string, string> = {}): void => {
      const isText = typeof answer === 'string';
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...more });
      response.end(isText ? answer : JSON.stringify(answer));
    };
    if (this.refusal) return give(this.refusal.status, this.refusal.body);
    const form = Object.fromEntries(new URLSearchParams(body));
    switch (`${method} ${pathname}`) {
      case 'POST /token':
        return this.#grants(form)
          ? give(200, this.#bearer('user'))
          : give(400, { error: 'invalid_grant', error_description: 'Bad Request' });
      case 'POST /v1/token':
        return this.#exchanges(form)
          ? give(200, {
              ...this.#bearer('sts'),
              issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            })
          : give(400, { error: 'invalid_grant', error_description: 'The subject token is refused.' });
      case `POST ${new URL(this.impersonationUrl).pathname}`: {
        const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
        if (!this.#tokens.has(token) && !this.accepts(token))
          return give(403, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'denied' } });
        const expireTime = new Date(Date.now() + this.life * 1000).toISOString().replace(/\.\d+/, '');
        return give(200, { accessToken: this.#issue('impersonated'), expireTime });
      }
      case 'GET /subject':
        return headers['x-provider'] === 'yes' ? give(200, { id_token: SUBJECT_TOKEN }) : give(200, SUBJECT_TOKEN);
    }
    this.#metadata(pathname, headers['metadata-flavor'], give);
  }

  #metadata(
    path: string,
    flavor: unknown,
    give: (status: number, answer: object | string, more?: Record<string, string>) => void,
  ): void {
    const own = { 'metadata-flavor': 'Google' };
    if (path === '/') return give(200, 'computeMetadata/\n', own); // Python looks for the server so
    if (!path.startsWith('/computeMetadata/v1')) return give(404, 'Not Found');
    if (flavor !== 'Google') return give(403, 'Missing required header "Metadata-Flavor": "Google"');
    const account = '/computeMetadata/v1/instance/service-accounts/default';
    if (path === '/computeMetadata/v1/project/project-id') return give(200, this.projectId, own);
    if (path === `${account}/token`) return give(200, this.#bearer('metadata'), own);
    if (path === `${account}/` || path === account)
      return give(200, { email: EMAIL, scopes: [], aliases: ['default'] }, own);
    give(path === '/computeMetadata/v1/instance' ? 200 : 404, path, own);
  }

  #grants(form: Record<string, string | undefined>): boolean {
    if (form['grant_type'] === 'refresh_token')
      return form['refresh_token'] === REFRESH_TOKEN && form['client_id'] === 'user-client';
    const isAssertion = form['grant_type'] === 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    return isAssertion && isSigned(form['assertion'] ?? '', ({ aud }) => aud === `${this.url}/token`);
  }

  #exchanges(form: Record<string, string | undefined>): boolean {
    return (
      form['grant_type'] === 'urn:ietf:params:oauth:grant-type:token-exchange' &&
      form['audience'] === AUDIENCE &&
      form['requested_token_type'] === 'urn:ietf:params:oauth:token-type:access_token' &&
      form['subject_token_type'] === 'urn:ietf:params:oauth:token-type:jwt' &&
      form['subject_token'] === SUBJECT_TOKEN
    );
  }

  #bearer(kind: string): object {
    return { access_token: this.#issue(kind), expires_in: this.life, token_type: 'Bearer' };
  }

  #issue(kind: string): string {
    const token = `ya29.canary-${kind}-${randomBytes(8).toString('hex')}`;
    this.#tokens.set(token, Date.now() + this.life * 1000);
    return token;
  }
}

/** A JWT by the service account's key that has not ended. */
function isSigned(token: string, allows: (claims: Form) => boolean): boolean {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const isTrue = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    createPublicKey(privateKey),
    Buffer.from(signature, 'base64url'),
  );
  if (!isTrue) return false;
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Form;
  const now = Date.now() / 1000;
  const isOurs =
    said['iss'] === EMAIL && Number(said['exp']) > now && Number(said['exp']) - Number(said['iat']) <= 3600;
  return isOurs && allows(said);
}
