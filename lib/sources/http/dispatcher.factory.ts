import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { Agent, EnvHttpProxyAgent, Pool } from 'undici';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { BaseUrl } from './base-url.js';

export interface DispatcherOptions {
  readonly base: BaseUrl;
  readonly trust: SecureContext | undefined;
  readonly verify: boolean;
  readonly serverName: string | undefined;
  readonly connectTimeout: number;
  /** In place of what the environment names; false for none. */
  readonly proxy?: GivenProxy | false | undefined;
  readonly sourceKind: string;
}

/** A proxy that the user names: for every address. */
export interface GivenProxy {
  /** How the user knows it, for errors. */
  readonly option: string;
  readonly url: string;
}

/** Enough for any number of secrets, and far from running a process out of file descriptors when 10,000 callers come at once. */
const CONNECTIONS = 128;

/**
 * The proxy that the environment names for this address, as curl and Go read it: lower case first, and HTTP_PROXY is not for https.
 * Loopback never goes through one: plain http is allowed there because it stays on this machine.
 */
function proxyFor(
  base: BaseUrl,
  given: DispatcherOptions['proxy'],
): { readonly name: string; readonly url: string } | undefined {
  if (given === false || base.socketPath !== undefined) return undefined;
  if (given) return { name: given.option, url: given.url.includes('://') ? given.url : `http://${given.url}` };
  if (base.loopback) return undefined;
  const name = base.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = process.env[name.toLowerCase()] || process.env[name];
  if (!text) return undefined;
  return { name, url: text.includes('://') ? text : `http://${text}` };
}

/** The text may hold the proxy's password, which errors of URL, of decoding it and of undici quote, or carry along: nothing of them is kept. */
function refusedProxy(name: string, sourceKind: string): SecretConfigurationError {
  const advice =
    'Give it as in http://user:password@proxy.example:3128, what is special in user and password percent-encoded.';
  return new SecretConfigurationError(`${name} is no URL of a proxy.`, { sourceKind, advice });
}

/** Connections to one backend, kept alive: straight, or through the environment's proxy unless NO_PROXY (read at each request) excepts the host. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { base, trust, verify, serverName, connectTimeout, sourceKind } = options;
  const reach = { timeout: connectTimeout };
  const { socketPath } = base;
  const tls = {
    ...reach,
    ...(socketPath !== undefined && { socketPath }),
    rejectUnauthorized: verify,
    ...(trust && { secureContext: trust }),
    ...(serverName !== undefined && { servername: serverName }),
  };
  const proxy = proxyFor(base, options.proxy);
  const common = { connections: CONNECTIONS, connect: tls };
  if (proxy === undefined) return new Agent(common);
  const { name, url } = proxy;
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
    throw refusedProxy(name, sourceKind);
  }
}
