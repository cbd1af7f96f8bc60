import { systemClock } from '../../../core/clock.js';
import { toMilliseconds } from '../../../core/duration.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { NOTHING } from '../../../core/options/own-options.js';
import { HttpTransport, parseBaseUrl, refuseInsecure, RequestPace } from '../../http/index.js';
import type { VaultClientOptions } from './vault-client.options.js';
import { VaultEnvironment } from './vault.environment.js';
import { tlsOf } from './vault.tls.js';
import { FetchTransport } from './wire/fetch.transport.js';
import { RetryPolicy } from './wire/retry.policy.js';
import type { TokenHolder } from './wire/token.holder.js';
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
  const timeout = Math.min(LONGEST_TIMEOUT, toMilliseconds(options.timeout ?? '30s', 'timeout'));
  const base = parseBaseUrl(options.address ?? environment.address ?? 'https://127.0.0.1:8200', ADDRESS, SOURCE);
  if (/\/v1$/i.test(base.path))
    throw new SecretConfigurationError(`${ADDRESS} ends with /v1, which goes before each path anyway: leave it out.`);
  const redirectTo = (options.redirectTo ?? []).map((url) => parseBaseUrl(url, 'redirectTo', SOURCE).origin);
  const wire = new VaultWire({ base, redirectTo, connect: connector(options, environment, timeout, warn) });
  const requester = new VaultRequester({
    wire,
    tokens,
    written: new WrittenState(),
    retry: new RetryPolicy(options.retry ?? NOTHING),
    clock: options.clock ?? systemClock,
    namespace: namespaceOf(options.namespace ?? environment.namespace),
    timeout,
    pace: paceOf(options),
  });
  return { requester, wire };
}

function paceOf({ rateLimit, clock }: VaultClientOptions): RequestPace | undefined {
  if (rateLimit === undefined) return undefined;
  if (!(rateLimit >= 1))
    throw new SecretConfigurationError('Option "rateLimit" is a number of requests a second, from 1 on.');
  return new RequestPace({ limit: rateLimit, clock: clock && 'now' in clock ? clock : systemClock });
}

function connector(
  { fetch, tls: tlsOptions, allowInsecure }: VaultClientOptions,
  environment: VaultEnvironment,
  timeout: number,
  warn: ((reason: string) => void) | undefined,
): (origin: string) => HttpTransport | FetchTransport {
  const permission = { urlOption: ADDRESS, sourceKind: SOURCE, allowInsecure, warn };
  if (fetch) {
    if (tlsOptions) {
      throw new SecretConfigurationError(
        'Options "fetch" and "tls" exclude each other: your own fetch brings its TLS.',
      );
    }
    return (origin) => {
      refuseInsecure(parseBaseUrl(origin, ADDRESS, SOURCE), true, {
        ...permission,
        trust: 'your own fetch sees to it',
      });
      return new FetchTransport({ origin, fetch, timeout, maxBody: MAX_BODY });
    };
  }
  const { read, fromFiles, verify } = tlsOf(tlsOptions ?? NOTHING, environment);
  return (origin) =>
    new HttpTransport({
      ...permission,
      url: origin,
      tls: fromFiles ? read : read(),
      verify: verify || origin.startsWith('http:'),
      connectTimeout: Math.min(LONGEST_CONNECT, timeout),
      timeout,
      maxBody: MAX_BODY,
    });
}

function namespaceOf(namespace: string | undefined): string | undefined {
  const name = namespace?.replace(/^\/+|\/+$/g, '');
  if (!name) return undefined;
  if (!/^[\x21-\x7e]+$/.test(name)) {
    throw new SecretConfigurationError(
      'Option "namespace" (VAULT_NAMESPACE) holds characters that no header can carry.',
    );
  }
  return name;
}
