import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { OwnCertificate } from './certificates.js';
import { ownCertificate } from './certificates.js';
import { Entra } from './entra.js';
import type { KeyVaultFault } from './key-vault.faults.js';
import { KeyVaultFaults } from './key-vault.faults.js';
import { answerOf } from './key-vault.routes.js';
import { KeyVaultSecrets } from './key-vault.state.js';
import { bodyOf, error, reply } from './key-vault.wire.js';

export interface KeyVaultServerOptions {
  /** The page size where none is asked for, and the largest. @default 25 */
  readonly pageSize?: number;
  /** Seconds that tokens live. @default 3600 */
  readonly tokenLife?: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/**
 * Azure Key Vault's secrets, and who gives tokens for them: Entra ID, and the three endpoints of managed identities ({@link Entra}). It follows the
 * published REST reference (https://learn.microsoft.com/rest/api/keyvault/secrets) and what Microsoft's own clients for Node, Python and Go
 * ask and take, which test/servers/key-vault-clients.spec.ts runs as black boxes against it.
 *
 * What could not be held against the real service, for it is out of reach: the words of its errors (their codes are from threads that
 * show real answers); whether a list of a missing secret's versions is 404 or empty (empty here); whether an older value may be answered for a while
 * after a PUT (never here, unless a test says `answerOlder`); the order of versions and pages (as they were made here; the reference promises none);
 * how long delete and recover take (at once here); what it says of an `api-version` that it does not know.
 * Backup and restore are left out.
 */
export class KeyVaultServer {
  readonly secrets: KeyVaultSecrets;
  readonly entra: Entra;
  readonly faults = new KeyVaultFaults();
  readonly requests: SeenRequest[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #certificate: OwnCertificate;
  readonly #server;
  /** Permissions that the caller lacks. */
  readonly #denied = new Set<string>();
  url = '';
  /** What the challenge says; tests change it. */
  resource = 'https://vault.azure.net';
  /** Claims that the next request is challenged for, once. */
  claims: string | undefined;

  private constructor(certificate: OwnCertificate, options: KeyVaultServerOptions) {
    this.#certificate = certificate;
    this.secrets = new KeyVaultSecrets(options.pageSize ?? 25);
    this.entra = new Entra(certificate, options.tokenLife ?? 3600);
    this.#server = createServer(certificate, (request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: KeyVaultServerOptions = {}): Promise<KeyVaultServer> {
    const self = new KeyVaultServer(await ownCertificate(), options);
    self.#server.listen(0, '127.0.0.1');
    await once(self.#server, 'listening');
    self.url = self.secrets.origin = `https://127.0.0.1:${(self.#server.address() as AddressInfo).port}`;
    await self.entra.start();
    return self;
  }

  /** PEM of the CA, for `tls: { ca }` and NODE_EXTRA_CA_CERTS. */
  get ca(): string {
    return this.#certificate.ca;
  }

  /** Takes a permission away: `get`, `list`, `set`, `delete`, `recover`, `purge`. */
  deny(...permissions: string[]): void {
    for (const permission of permissions) this.#denied.add(permission);
  }

  allow(...permissions: string[]): void {
    for (const permission of permissions) this.#denied.delete(permission);
  }

  fail(fault: KeyVaultFault): void {
    this.faults.add(fault);
  }

  recover(): void {
    this.faults.clear();
    this.#denied.clear();
  }

  /** `GET /secrets/db`, without queries. */
  get asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.entra.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    const url = new URL(request.url ?? '/', this.url);
    const path = url.pathname.replace(/(?<=.)\/$/, ''); // Microsoft's clients leave one at the end
    const body = await bodyOf(request);
    response.on('close', () => this.requests.push({ method, path, status: response.statusCode }));
    const answered = () => answerOf({ method, path, query: url.searchParams, body }, this.secrets, this.#denied);
    if (await this.faults.meet(path, method, response, answered)) return;
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return this.#challenge(response, 'AKV10000: Request is missing a Bearer or PoP token.');
    const audience = this.entra.audienceOf(token);
    if (audience === undefined) return this.#challenge(response, 'AKV10000: the token is not valid.');
    if (audience !== this.resource) return this.#challenge(response, 'AKV10022: Invalid audience.');
    const { claims } = this;
    if (claims !== undefined) {
      this.claims = undefined;
      const challenge = `Bearer realm="", authorization_uri="${this.#authority}", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
      response.setHeader('www-authenticate', challenge);
      return error(response, 401, 'Unauthorized', 'Continuous access evaluation resulted in a challenge.');
    }
    const answer = answered();
    if ('error' in answer) return error(response, ...answer.error);
    reply(response, answer.status ?? 200, answer.body);
  }

  #challenge(response: ServerResponse, message: string): void {
    response.setHeader('www-authenticate', `Bearer authorization="${this.#authority}", resource="${this.resource}"`);
    error(response, 401, 'Unauthorized', message);
  }

  get #authority(): string {
    return `${this.entra.url}/${this.entra.tenantId}`;
  }
}
