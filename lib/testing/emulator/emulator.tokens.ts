import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './rpc-error.js';

/** The audience that HCP's token endpoint issues tokens for. */
const AUDIENCE = 'https://api.hashicorp.cloud';

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The OAuth side: client credentials against access tokens that expire. */
export class EmulatorTokens {
  readonly #credentials: Credentials;
  readonly #lifetime: number;
  readonly #now: () => number;
  readonly #expiries = new Map<string, number>();

  /** @param lifetime milliseconds */
  constructor(credentials: Credentials, lifetime: number, now: () => number) {
    this.#credentials = credentials;
    this.#lifetime = lifetime;
    this.#now = now;
  }

  /** `POST /oauth2/token`. Credentials come as HTTP Basic (HashiCorp's Go SDK) or in the form. */
  grant(headers: IncomingHttpHeaders, body: string): Answer {
    if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
      return refused(400, 'invalid_request', 'The request body has to be form-encoded.');
    }
    const form = new URLSearchParams(body);
    if (!this.#knows(basicCredentials(headers.authorization) ?? [formCredentials(form)])) {
      return refused(401, 'invalid_client', 'Client authentication failed.');
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return refused(400, 'unsupported_grant_type', 'The grant type has to be client_credentials.');
    }
    if (form.get('audience') !== AUDIENCE) {
      return refused(400, 'invalid_request', `The audience has to be ${AUDIENCE}.`);
    }
    return {
      status: 200,
      body: { access_token: this.#issue(), expires_in: Math.floor(this.#lifetime / 1000), token_type: 'Bearer' },
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    };
  }

  /** Whether an `Authorization` header carries a token of ours that has not expired. */
  accepts(authorization: string | undefined): boolean {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const expiry = token === undefined ? undefined : this.#expiries.get(token);
    return expiry !== undefined && this.#now() < expiry;
  }

  /** Every token issued so far ends now. */
  expireAll(): void {
    this.#expiries.clear();
  }

  #issue(): string {
    const now = this.#now();
    for (const [token, expiry] of this.#expiries) if (expiry <= now) this.#expiries.delete(token);
    const token = randomBytes(32).toString('base64url');
    this.#expiries.set(token, now + this.#lifetime);
    return token;
  }

  #knows(candidates: readonly Partial<Credentials>[]): boolean {
    const { clientId, clientSecret } = this.#credentials;
    return candidates.some((given) => given.clientId === clientId && given.clientSecret === clientSecret);
  }
}

function formCredentials(form: URLSearchParams): Partial<Credentials> {
  const clientId = form.get('client_id');
  const clientSecret = form.get('client_secret');
  return clientId === null || clientSecret === null ? {} : { clientId, clientSecret };
}

/** RFC 6749 has both parts form-encoded before Base64; many clients leave that out, so both readings count. */
function basicCredentials(authorization: string | undefined): Partial<Credentials>[] | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return [{}];
  const plain = { clientId: pair.slice(0, colon), clientSecret: pair.slice(colon + 1) };
  return [plain, { clientId: formDecoded(plain.clientId), clientSecret: formDecoded(plain.clientSecret) }];
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** An error as RFC 6749 shapes it. */
function refused(status: number, error: string, description: string): Answer {
  return { status, body: { error, error_description: description } };
}
