import { systemClock } from '../../../core/clock.js';
import { toMilliseconds } from '../../../core/duration.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { NOTHING } from '../../../core/options/own-options.js';
import type { GivenProxy } from '../../http/index.js';
import { HttpTransport, parseBaseUrl, refuseInsecure } from '../../http/index.js';
import type { VaultClientOptions } from './vault-client.options.js';
import { VaultEnvironment } from './vault.environment.js';
import { tlsOf } from './vault.tls.js';
import { FetchTransport } from './wire/fetch.transport.js';
import { namespaceOf } from './namespace.js';
import { headersOf } from './own-headers.js';
import type { RetryOptions } from './wire/retry.policy.js';
import { RetryPolicy } from './wire/retry.policy.js';
import type { TokenHolder } from './wire/token.holder.js';
import { paceOf } from './wire/vault.pace.js';
import { VaultRequester } from './wire/vault.requester.js';
import { VaultWire } from './wire/vault.wire.js';
import { WrittenState } from './wire/written.state.js';

const SOURCE = 'vault';
const ADDRESS = 'address (VAULT_ADDR)';
/** Vault's own limit for a request (`max_request_size`), so that what it took it can give back. */
const MAX_BODY = 32 * 1024 * 1024;
const LONGEST_CONNECT = 5000;
/** Node's timers fire at once for a longer one. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export interface Connected {
  readonly requester: VaultRequester;
  readonly wire: VaultWire;
}

/** All that a client's options decide. Throws SecretConfigurationError for what can't work. */
export function connect(options: VaultClientOptions, tokens: TokenHolder, warn?: (reason: string) => void): Connected {
  const environment = new VaultEnvironment();
  const { timeout: given = environment.timeout ?? '30s' } = options;
  const timeout = Math.min(LONGEST_TIMEOUT, toMilliseconds(given, 'timeout'));
  const address = options.address ?? environment.address ?? 'https://127.0.0.1:8200';
  const base = parseBaseUrl(address, ADDRESS, SOURCE, true);
  if (/\/v1$/i.test(base.path)) {
    throw new SecretConfigurationError(`${ADDRESS} ends with /v1, which goes before each path anyway: leave it out.`);
  }
  const redirectTo = (options.redirectTo ?? []).map((url) => parseBaseUrl(url, 'redirectTo', SOURCE).origin);
  const open = connector(options, environment, timeout, warn);
  // Whoever redirects from a socket names no other place that could be meant.
  const wire = new VaultWire({
    base,
    redirectTo,
    connect: (origin) => open(origin === base.origin ? base.shown : origin),
  });
  const { retry = retryOf(environment) } = options;
  const requester = new VaultRequester({
    wire,
    tokens,
    written: new WrittenState(),
    retry: new RetryPolicy(retry),
    clock: options.clock ?? systemClock,
    namespace: namespaceOf(options.namespace ?? environment.namespace),
    headers: headersOf(options.headers ?? environment.headers),
    timeout,
    pace: paceOf(options, environment.rateLimit),
  });
  return { requester, wire };
}

const retryOf = ({ maxRetries }: VaultEnvironment): RetryOptions =>
  maxRetries === undefined ? NOTHING : { attempts: maxRetries + 1 };

function connector(
  { fetch, tls: tlsOptions, proxy: givenProxy, allowInsecure }: VaultClientOptions,
  environment: VaultEnvironment,
  timeout: number,
  warn: ((reason: string) => void) | undefined,
): (origin: string) => HttpTransport | FetchTransport {
  const permission = { urlOption: ADDRESS, sourceKind: SOURCE, allowInsecure, warn };
  if (fetch) {
    const [other] =
      Object.entries({ tls: tlsOptions, proxy: givenProxy }).find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined) {
      throw new SecretConfigurationError(
        `Options "fetch" and "${other}" exclude each other: your own fetch brings its ${other === 'tls' ? 'TLS' : 'proxy'}.`,
      );
    }
    return (origin) => {
      refuseInsecure(parseBaseUrl(origin, ADDRESS, SOURCE, true), true, {
        ...permission,
        trust: 'your own fetch sees to it',
      });
      return new FetchTransport({
        origin: parseBaseUrl(origin, ADDRESS, SOURCE, true).origin,
        fetch,
        timeout,
        maxBody: MAX_BODY,
      });
    };
  }
  const { read, fromFiles, verify } = tlsOf(tlsOptions ?? NOTHING, environment);
  const proxy = proxyOf(givenProxy) ?? environment.proxy;
  return (origin) =>
    new HttpTransport({
      ...permission,
      url: origin,
      takesSockets: true,
      proxy,
      tls: fromFiles ? read : read(),
      verify: verify || !origin.startsWith('https:'),
      connectTimeout: Math.min(LONGEST_CONNECT, timeout),
      timeout,
      maxBody: MAX_BODY,
    });
}

function proxyOf(proxy: string | false | undefined): GivenProxy | false | undefined {
  if (proxy === undefined || proxy === false) return proxy;
  if (typeof proxy === 'string' && proxy !== '') return { option: 'proxy', url: proxy };
  throw new SecretConfigurationError('Option "proxy" is the URL of a proxy, or false.');
}
