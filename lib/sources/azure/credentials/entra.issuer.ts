import { SecretAuthenticationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import type { SecretError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { AccessToken, HttpResponse, HttpTransportOptions } from '../../http/index.js';
import { HttpTransport } from '../../http/index.js';
import { KIND, throttled } from '../azure-key-vault.errors.js';
import type { ClientProof } from './client-proofs.js';
import { tokenOf } from './token-answer.js';
import type { TokenIssuer, TokenWish } from './token-issuer.js';

export interface EntraIssuerOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly proof: ClientProof;
  readonly entra: HttpTransportOptions;
}

/** Milliseconds for one token request: as long as one request of the core has by default, for callers wait for it. */
const TIMEOUT = 10_000;

/** Tokens of Entra ID for an app (the client credentials grant). They are asked for in the configured tenant, whatever a vault's challenge says. */
export class EntraIssuer implements TokenIssuer {
  readonly #transport: HttpTransport;
  readonly #options: EntraIssuerOptions;

  constructor(options: EntraIssuerOptions) {
    this.#options = options;
    this.#transport = new HttpTransport(options.entra);
  }

  async issue({ scope, claims, signal }: TokenWish): Promise<AccessToken> {
    const { tenantId, clientId, proof } = this.#options;
    const path = `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
    const fields = await proof.fields({ clientId, audience: `${this.#transport.origin}${path}` });
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, scope, ...fields });
    if (claims !== undefined) form.set('claims', claims);
    const response = await this.#transport.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      timeout: TIMEOUT,
      signal,
      repeatable: true,
    });
    if (response.status !== 200) throw this.#refused(response);
    return tokenOf(response, this.#transport.origin);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #refused(response: HttpResponse): SecretError {
    const { status } = response;
    const answered = `${this.#transport.origin} gives no access token: HTTP ${status}${numberIn(response)}.`;
    const details = { sourceKind: KIND, cause: { name: 'HttpStatus', status } };
    if (status === 429) return throttled(response, { answered, details });
    const isOwn = status >= 400 && status < 500 && status !== 408 && errorIn(response) !== undefined;
    if (!isOwn) return new SecretSourceUnavailableError(answered, details);
    return new SecretAuthenticationError(answered, {
      ...details,
      advice: `Check AZURE_TENANT_ID and AZURE_CLIENT_ID. ${this.#options.proof.advice}`,
    });
  }

  static {
    hideInOutput(EntraIssuer.prototype, () => '[secrets of an app]');
  }
}

interface EntraError {
  readonly error?: unknown;
  readonly error_description?: unknown;
}

/** RFC 6749 §5.2; undefined for a page of something else. */
function errorIn(response: HttpResponse): EntraError | undefined {
  try {
    const answer = response.json() as EntraError | null;
    return typeof answer?.error === 'string' ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Of what Entra ID says only the number of the error is told: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. */
function numberIn(response: HttpResponse): string {
  const description = errorIn(response)?.error_description;
  const found = typeof description === 'string' ? /\bAADSTS\d{4,9}\b/.exec(description)?.[0] : undefined;
  return found === undefined ? '' : ` (${found})`;
}
