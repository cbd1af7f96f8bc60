import { createPublicKey, createVerify, constants, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createPlain } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyVaultFaults } from './key-vault.faults.js';
import { bodyOf, reply } from './key-vault.wire.js';

export const TENANT = '7b2e1a34-0f5c-4d8e-9a61-3c5b7d9e1f20';
export const CLIENT = 'c0ffee00-1111-4222-8333-444455556666';

/**
 * Entra ID, as far as a service signs in (client secret, certificate, federated token), and the endpoints of managed identities: the instance
 * metadata service, App Service's and Azure Arc's. Not verified against the real ones: the words of their errors.
 */
export class Entra {
  readonly tenantId = TENANT;
  readonly clientId = CLIENT;
  clientSecret = `canary-client-secret-${randomBytes(4).toString('hex')}`;
  federatedToken = `canary-federated-token-${randomBytes(4).toString('hex')}`;
  readonly identityHeader = `canary-identity-header-${randomBytes(4).toString('hex')}`;
  /** PEM, of who signs in by certificate. */
  certificate: string | undefined;
  url = '';
  /** Plain http, as the real ones are. */
  metadataUrl = '';
  /** Of token requests: `client_secret`, `certificate`, `federated`, `imds`, `app-service`, `arc`. */
  readonly signIns: string[] = [];
  /** The claims that were asked for along with a token. */
  readonly claims: string[] = [];
  readonly issued: string[] = [];
  readonly faults = new KeyVaultFaults();
  readonly #audiences = new Map<string, { readonly audience: string; readonly until: number }>();
  readonly #servers: Server[];
  readonly #sockets = new Set<Socket>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'arc-tokens-'));

  constructor(
    certificate: { readonly key: string; readonly cert: string },
    /** Seconds. */
    public tokenLife: number,
  ) {
    const secure = createServer(certificate, (request, response) => void this.#entra(request, response));
    const plain = createPlain((request, response) => void this.#metadata(request, response));
    this.#servers = [secure, plain];
    for (const server of this.#servers) {
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
      });
    }
  }

  async start(): Promise<void> {
    for (const server of this.#servers) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const [secure, plain] = this.#servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    this.url = `https://${secure}`;
    this.metadataUrl = `http://${plain}`;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
    await Promise.resolve();
  }

  /** Where Arc puts the keys that its challenge names. */
  get arcFolder(): string {
    return this.#folder;
  }

  /** For whom a token is; undefined for one that is none, or has ended. */
  audienceOf(token: string): string | undefined {
    const found = this.#audiences.get(token);
    return found && Date.now() < found.until ? found.audience : undefined;
  }

  /** Tokens given so far are refused from now on. */
  revoke(): void {
    this.#audiences.clear();
  }

  /** A token without a request; for a credential of somebody else's. */
  issueTo(way: string, audience: string): string {
    return this.#issue(way, audience).access_token;
  }

  #issue(way: string, audience: string): { access_token: string; expires_in: number } {
    const access_token = `canary-access-token-${randomBytes(12).toString('base64url')}`;
    this.#audiences.set(access_token, { audience, until: Date.now() + this.tokenLife * 1000 });
    this.signIns.push(way);
    this.issued.push(access_token);
    return { access_token, expires_in: this.tokenLife };
  }

  async #entra(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const form = new URLSearchParams(await bodyOf(request));
    if (await this.faults.meet(url.pathname, request.method ?? '', response)) return;
    const [tenant] = url.pathname.slice(1).split('/');
    const base = `${this.url}/${tenant}`;
    if (url.pathname.endsWith('/.well-known/openid-configuration')) {
      return reply(response, 200, {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        issuer: `${base}/v2.0`,
      });
    }
    if (!url.pathname.endsWith('/oauth2/v2.0/token') || request.method !== 'POST') return reply(response, 404, {});
    const refuse = (status: number, error: string, text: string): void =>
      reply(response, status, { error, error_description: text, correlation_id: 'canary-correlation' });
    if (tenant !== this.tenantId) return refuse(400, 'invalid_request', `AADSTS90002: Tenant '${tenant}' not found.`);
    if (form.get('client_id') !== this.clientId) {
      return refuse(400, 'unauthorized_client', 'AADSTS700016: Application was not found in the directory.');
    }
    const way = this.#wayOf(form, `${base}/oauth2/v2.0/token`);
    if (!way) return refuse(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
    const scope = form.get('scope')?.split(' ').find((one) => one.endsWith('/.default')); // prettier-ignore
    if (!scope) return refuse(400, 'invalid_scope', 'AADSTS70011: The provided value for scope is not valid.');
    const claims = form.get('claims');
    if (claims !== null) this.claims.push(claims);
    reply(response, 200, { token_type: 'Bearer', ...this.#issue(way, scope.slice(0, -'/.default'.length)) });
  }

  #wayOf(form: URLSearchParams, audience: string): string | undefined {
    if (form.get('grant_type') !== 'client_credentials') return undefined;
    if (form.get('client_secret') !== null) {
      return form.get('client_secret') === this.clientSecret ? 'client_secret' : undefined;
    }
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return undefined;
    const assertion = form.get('client_assertion') ?? '';
    if (assertion === this.federatedToken) return 'federated';
    return this.certificate !== undefined && isSignedBy(this.certificate, assertion, audience)
      ? 'certificate'
      : undefined;
  }

  async #metadata(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.metadataUrl);
    await bodyOf(request);
    if (await this.faults.meet(pathname, request.method ?? '', response)) return;
    const resource = searchParams.get('resource');
    const { headers } = request;
    const given = (way: string): void => {
      if (resource === null) return reply(response, 400, { error: 'invalid_request' });
      const { access_token, expires_in } = this.#issue(way, resource);
      const expires_on = Math.floor(Date.now() / 1000) + expires_in;
      // Texts, as the real ones give.
      reply(response, 200, { access_token, expires_in: String(expires_in), expires_on: String(expires_on), resource, token_type: 'Bearer' }); // prettier-ignore
    };
    if (searchParams.get('client_id') === 'unknown') return reply(response, 400, { error: 'invalid_request', error_description: 'Identity not found' }); // prettier-ignore
    if (/^\/metadata\/identity\/oauth2\/token\/?$/.test(pathname)) {
      return headers['metadata'] === 'true' ? given('imds') : reply(response, 400, { error: 'invalid_request' });
    }
    if (pathname === '/msi/token') {
      return headers['x-identity-header'] === this.identityHeader ? given('app-service') : reply(response, 401, {});
    }
    if (pathname !== '/arc/token' || headers['metadata'] !== 'true') return reply(response, 404, {});
    const key = join(this.#folder, 'challenge.key');
    if (headers.authorization === 'Basic canary-arc-key') return given('arc');
    writeFileSync(key, 'canary-arc-key');
    response.setHeader('www-authenticate', `Basic realm=${key}`);
    reply(response, 401, {});
  }
}

/** RS256 or PS256, as Entra ID takes them; the audience is the token endpoint, or the tenant's issuer. */
function isSignedBy(certificate: string, assertion: string, audience: string): boolean {
  const [head = '', payload = '', signature = ''] = assertion.split('.');
  const [header, claims] = [head, payload].map(
    (part) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}') as Record<string, unknown>,
  );
  const now = Date.now() / 1000;
  if (claims?.['aud'] !== audience || claims['sub'] !== CLIENT || claims['iss'] !== CLIENT) return false;
  if (!(Number(claims['nbf']) <= now + 300 && Number(claims['exp']) > now) || !claims['jti']) return false;
  const key = createPublicKey(certificate);
  const [signed, bytes] = [Buffer.from(`${head}.${payload}`), Buffer.from(signature, 'base64url')];
  if (header?.['alg'] === 'RS256') return createVerify('sha256').update(signed).verify(key, bytes);
  if (header?.['alg'] !== 'PS256' || typeof header['x5t#S256'] !== 'string') return false;
  return verify('sha256', signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, bytes);
}
