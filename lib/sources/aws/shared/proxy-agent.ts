import { request as httpRequest } from 'node:http';
import type { AgentOptions } from 'node:https';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';
import { hideInOutput } from '../../../core/redaction.js';
import { isLoopback, proxyFor, refusedProxy } from '../../http/index.js';

type Connected = (error: Error | null, socket?: Duplex) => void;
interface Target extends ConnectionOptions {
  readonly host?: string;
  readonly port?: number;
}

/** As the SDK's own agent. */
const LIKE_THE_SDK: AgentOptions = { keepAlive: true, maxSockets: 50 };
/** Milliseconds for a proxy to answer CONNECT: after it, it counts as one that can't be reached. */
const PATIENCE = 10_000;

/** What the SDK's https connections go through, where HTTPS_PROXY says so; undefined where it doesn't. The SDK itself heeds no such variable. */
export function proxyAgent(sourceKind: string): Agent | undefined {
  const named = proxyFor({ protocol: 'https:', loopback: false }, undefined, sourceKind);
  if (!named) return undefined;
  const proxy = new URL(named.url);
  if (!/^https?:$/.test(proxy.protocol)) throw refusedProxy(named.option, sourceKind); // of SOCKS, which our own transport speaks
  return new ProxyAgent(proxy, LIKE_THE_SDK);
}

/** Connections through a proxy, by CONNECT; straight ones to loopback and to hosts that NO_PROXY (read at each connection) excepts. */
export class ProxyAgent extends Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(target: Target, connected: Connected): Duplex | null | undefined {
    const { host = '', port = 443 } = target;
    if (isLoopback(host) || isExcepted(host, port)) {
      return (super.createConnection as (target: Target, connected: Connected) => Duplex)(target, connected);
    }
    this.#tunnel(host, port, (error, socket) => {
      if (error || !socket) return connected(error ?? new Error('no connection'));
      const { servername = host } = target;
      connected(null, connect({ ...target, socket, servername } as ConnectionOptions));
    });
    return undefined;
  }

  #tunnel(host: string, port: number, done: Connected): void {
    const { protocol, hostname, port: proxyPort, username, password } = this.#proxy;
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const asking = send({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: proxyPort || (protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(username && { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      agent: false,
      timeout: PATIENCE,
    });
    const failed = (code: string): void => {
      asking.destroy();
      done(Object.assign(new Error(`no connection through the proxy (${code})`), { code }));
    };
    asking.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return done(null, socket);
      socket.destroy();
      failed(`PROXY_${statusCode}`);
    });
    asking.once('response', ({ statusCode }) => failed(`PROXY_${statusCode}`));
    asking.once('timeout', () => failed('ETIMEDOUT'));
    asking.once('error', ({ code = 'EPROXY' }: NodeJS.ErrnoException) => failed(code));
    asking.end();
  }

  static {
    hideInOutput(ProxyAgent.prototype, () => '[connections through a proxy]');
  }
}

/** As curl and Go read NO_PROXY: hosts, and what lies below them, perhaps with a port; `*` is everything. */
function isExcepted(host: string, port: number): boolean {
  const text = process.env['no_proxy'] || process.env['NO_PROXY'] || '';
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && Number(only) !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return host.toLowerCase() === domain || host.toLowerCase().endsWith(`.${domain}`);
    });
}
