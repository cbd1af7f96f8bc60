import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { BaseUrl } from './base-url.js';
import type { GivenProxy } from './proxy.js';
import { proxyFor, refusedProxy } from './proxy.js';
import { loadUndici } from './undici.js';

export interface DispatcherOptions {
  readonly base: BaseUrl;
  readonly trust: SecureContext | undefined;
  readonly verify: boolean;
  readonly serverName: string | undefined;
  readonly connectTimeout: number;
  /** In place of what the environment names; false for none. */
  readonly proxy?: GivenProxy | false | undefined;
  readonly isUnbounded: boolean;
  readonly sourceKind: string;
}

/** Enough for any number of secrets, and far from running a process out of file descriptors when 10,000 callers come at once. */
const CONNECTIONS = 128;

/** Connections to one backend, kept alive: straight, or through the environment's proxy unless NO_PROXY (read at each request) excepts the host. */
export async function createDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { base, trust, verify, serverName, connectTimeout, isUnbounded, sourceKind } = options;
  const proxy = proxyFor(base, options.proxy, sourceKind);
  const { Agent, EnvHttpProxyAgent, Pool } = await loadUndici(sourceKind);
  const reach = { timeout: connectTimeout };
  const { socketPath } = base;
  const tls = {
    ...reach,
    ...(socketPath !== undefined && { socketPath }),
    rejectUnauthorized: verify,
    ...(trust && { secureContext: trust }),
    ...(serverName !== undefined && { servername: serverName }),
  };
  const common = { connections: isUnbounded ? null : CONNECTIONS, connect: tls };
  if (proxy === undefined) return new Agent(common);
  const { option, url } = proxy;
  try {
    return new EnvHttpProxyAgent({
      ...common,
      httpProxy: url,
      httpsProxy: url,
      ...(options.proxy && { noProxy: '' }),
      requestTls: tls,
      proxyTls: reach,
      // A proxy that takes the connection and never answers CONNECT counts as one that can't be reached.
      clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: connectTimeout }),
    });
  } catch {
    throw refusedProxy(option, sourceKind);
  }
}
