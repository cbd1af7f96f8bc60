import { dirname } from 'node:path';
import {
  isSecretError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import type { SecretError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { AccessToken, HttpResponse } from '../../http/index.js';
import { HttpTransport, isHeaderText, isLinkLocal, parseBaseUrl } from '../../http/index.js';
import { readCredentialText } from '../../watch/index.js';
import { KIND, throttled } from '../azure-key-vault.errors.js';
import { tokenOf } from './token-answer.js';
import type { TokenIssuer, TokenWish } from './token-issuer.js';

type Variable = (name: string) => string | undefined;

interface Endpoint {
  readonly name: string;
  /** Where tokens are; its query comes with each request. */
  readonly url: string;
  readonly option: string;
  readonly apiVersion: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Folder of the keys that Azure Arc's challenge names. */
  readonly keys?: string | undefined;
}

/** Milliseconds: the endpoint is on the machine itself, or its host; elsewhere nothing listens there. */
const CONNECT = 2_000;
const TIMEOUT = 10_000;
const NONE =
  'Assign a managed identity to the machine, app or pod (AZURE_CLIENT_ID names one of several), or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give `credential`.';
/** Where Arc's agent writes, by its documentation. */
const ARC_KEYS = process.platform === 'win32' ? `${process.env['ProgramData'] ?? 'C:\\ProgramData'}\\AzureConnectedMachineAgent\\Tokens` : '/var/opt/azcmagent/tokens'; // prettier-ignore
const LONGEST_KEY = 4096;

/** The managed identity of where the app runs: App Service and its kin, Azure Arc, else the instance metadata service. Throws SecretConfigurationError. */
export function managedIdentity(variable: Variable, arcKeys = ARC_KEYS): TokenIssuer {
  return new ManagedIdentity(endpointOf(variable, arcKeys), variable('AZURE_CLIENT_ID'));
}

function endpointOf(variable: Variable, arcKeys: string): Endpoint {
  const [own, header] = [variable('IDENTITY_ENDPOINT'), variable('IDENTITY_HEADER')];
  if (own !== undefined && variable('IDENTITY_SERVER_THUMBPRINT') !== undefined) {
    throw new SecretConfigurationError('the managed identity of Service Fabric is not ours to ask for.', {
      sourceKind: KIND,
      advice: 'Give `credential: new ManagedIdentityCredential()` of @azure/identity.',
    });
  }
  const option = 'IDENTITY_ENDPOINT';
  if (own !== undefined && header !== undefined) {
    if (!isHeaderText(header)) {
      throw new SecretConfigurationError('IDENTITY_HEADER holds what no header takes.', { sourceKind: KIND });
    }
    return {
      name: 'App Service',
      url: own,
      option,
      apiVersion: '2019-08-01',
      headers: { 'x-identity-header': header },
    };
  }
  const headers = { metadata: 'true' };
  if (own !== undefined && variable('IMDS_ENDPOINT') !== undefined) {
    return { name: 'Azure Arc', url: own, option, apiVersion: '2019-11-01', headers, keys: arcKeys };
  }
  const host = variable('AZURE_POD_IDENTITY_AUTHORITY_HOST') ?? 'http://169.254.169.254';
  const url = `${host.replace(/\/+$/, '')}/metadata/identity/oauth2/token`;
  return {
    name: 'the instance metadata service',
    url,
    option: 'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    apiVersion: '2018-02-01',
    headers,
  };
}

class ManagedIdentity implements TokenIssuer {
  readonly #transport: HttpTransport;
  readonly #endpoint: Endpoint;
  readonly #path: string;

  constructor(
    endpoint: Endpoint,
    private readonly clientId: string | undefined,
  ) {
    this.#endpoint = endpoint;
    const { loopback, protocol } = parseBaseUrl(endpoint.url, endpoint.option, KIND);
    const { hostname, pathname } = urlOf(endpoint);
    // What is asked there is answered with a token, and App Service's header proves who asks: it stays on the machine and its host.
    if (protocol === 'http:' && !loopback && !isLinkLocal(hostname)) {
      throw new SecretConfigurationError(`${endpoint.option} is plain http to another machine.`, { sourceKind: KIND });
    }
    this.#path = pathname;
    this.#transport = new HttpTransport({
      url: urlOf(endpoint).origin,
      urlOption: endpoint.option,
      sourceKind: KIND,
      tls: undefined,
      allowInsecure: true, // no such endpoint has TLS
      warn: () => undefined,
      proxy: false,
      connectTimeout: CONNECT,
      timeout: TIMEOUT,
    });
  }

  async issue({ scope, signal }: TokenWish): Promise<AccessToken> {
    const { apiVersion, headers, keys } = this.#endpoint;
    const query = new URLSearchParams({ 'api-version': apiVersion, resource: scope.replace(/\/\.default$/, '') });
    if (this.clientId !== undefined) query.set('client_id', this.clientId);
    const ask = (more: Readonly<Record<string, string>> = {}): Promise<HttpResponse> =>
      this.#transport
        .request({
          path: `${this.#path}?${query.toString()}`,
          headers: { ...headers, ...more, accept: 'application/json' },
          signal,
          redirect: 'manual',
          repeatable: true,
        })
        .catch((error: unknown) => {
          throw this.#notThere(error);
        });
    let response = await ask();
    if (keys !== undefined && response.status === 401) {
      response = await ask({ authorization: `Basic ${await keyOf(response, keys)}` });
    }
    if (response.status !== 200) throw this.#refused(response);
    return tokenOf(response, this.#endpoint.name);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** Nobody chose this way: it is what is left where the environment names no other. */
  #notThere(error: unknown): unknown {
    if (!isSecretError(error) || error.code !== 'SECRET_SOURCE_UNAVAILABLE') return error;
    const { reason, cause } = error;
    const why = `no access token: ${reason.replace(/\.$/, '')} (${this.#endpoint.name}).`;
    return new SecretSourceUnavailableError(why, { sourceKind: KIND, cause, advice: NONE, effect: 'none' });
  }

  #refused(response: HttpResponse): SecretError {
    const { status } = response;
    const answered = `${this.#endpoint.name} gives no access token: HTTP ${status}.`;
    const details = { sourceKind: KIND, cause: { name: 'HttpStatus', status } };
    if (status === 429) return throttled(response, { answered, details });
    // 404 and 410: it is being set up, or updated.
    if (status < 400 || status >= 500 || [404, 408, 410].includes(status)) {
      return new SecretSourceUnavailableError(answered, { ...details, advice: NONE });
    }
    return new SecretAuthenticationError(answered, { ...details, advice: NONE });
  }

  static {
    hideInOutput(ManagedIdentity.prototype, () => '[secrets of a managed identity]');
  }
}

function urlOf({ url }: Endpoint): URL {
  return new URL(url);
}

/** Arc proves by a file that only its group may read; a challenge must not lead us to another file. */
async function keyOf(response: HttpResponse, folder: string): Promise<string> {
  const path = /^Basic realm="?([^"]+)"?$/i.exec(response.header('www-authenticate') ?? '')?.[1] ?? '';
  if (dirname(path) !== folder || !path.endsWith('.key')) {
    throw new SecretAuthenticationError('Azure Arc’s challenge names no key of its own.', { sourceKind: KIND });
  }
  try {
    const key = await readCredentialText(path);
    if (key.length <= LONGEST_KEY && isHeaderText(key.trim())) return key.trim();
  } catch (cause) {
    throw new SecretAuthenticationError('the key that Azure Arc’s challenge names can’t be read.', {
      sourceKind: KIND,
      cause,
      advice: 'Add the user of this process to the group "himds".',
    });
  }
  throw new SecretAuthenticationError('the key that Azure Arc’s challenge names is none.', { sourceKind: KIND });
}
