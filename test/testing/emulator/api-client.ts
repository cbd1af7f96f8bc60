import type { RequestInit } from 'undici';
import { Agent, request } from 'undici';
import type { HcpVaultSecretsEmulator } from '../../../lib/testing/emulator/index.js';

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

export interface CallOptions {
  method?: RequestInit['method'];
  body?: unknown;
  token?: string | null;
  organization?: string;
  project?: string;
  signal?: AbortSignal;
}

/** The least that can talk to the emulator: what comes over the wire, as it comes. */
export class ApiClient {
  #token: string | undefined;
  readonly #agent: Agent;

  constructor(
    readonly emulator: HcpVaultSecretsEmulator,
    connect: { ca?: string } = {},
  ) {
    this.#agent = new Agent({ connect });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async raw(
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body?: string,
    signal?: AbortSignal,
  ): Promise<Reply> {
    const reply = await request(url, {
      method: method as 'GET',
      headers,
      dispatcher: this.#agent,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
    const text = await reply.body.text();
    return { status: reply.statusCode, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  requestToken(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
    return this.raw(
      'POST',
      `${this.emulator.authUrl}/oauth2/token`,
      { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      new URLSearchParams(form).toString(),
    );
  }

  async token(): Promise<string> {
    const { HCP_CLIENT_ID, HCP_CLIENT_SECRET } = this.emulator.environment;
    const { body } = await this.requestToken({
      client_id: HCP_CLIENT_ID,
      client_secret: HCP_CLIENT_SECRET,
      grant_type: 'client_credentials',
      audience: 'https://api.hashicorp.cloud',
    });
    return body.access_token;
  }

  /** A call behind the project, with a token unless `token` says otherwise. */
  async call(
    path: string,
    { method = 'GET', body, token, organization, project, signal }: CallOptions = {},
  ): Promise<Reply> {
    const { HCP_ORGANIZATION_ID, HCP_PROJECT_ID } = this.emulator.environment;
    const base = `/secrets/2023-11-28/organizations/${organization ?? HCP_ORGANIZATION_ID}/projects/${project ?? HCP_PROJECT_ID}`;
    const bearer = token === undefined ? (this.#token ??= await this.token()) : token;
    const headers = {
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    return this.raw(method, `${this.emulator.apiUrl}${base}/${path}`, headers, text, signal);
  }
}
