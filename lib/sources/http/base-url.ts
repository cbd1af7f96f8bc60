import { SecretConfigurationError } from '../../core/errors/index.js';

/** The address of a backend, checked: what may stand in an error (`origin`) apart from what goes before each request's path. */
export interface BaseUrl {
  /** As errors name it: the origin, or the socket. */
  readonly shown: string;
  /** Of `unix:///…`: the socket that stands in place of host and port. */
  readonly socketPath?: string | undefined;
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly origin: string;
  /** Without a slash at the end; empty for most. */
  readonly path: string;
  readonly loopback: boolean;
}

/**
 * Reads a base URL. Throws SecretConfigurationError, which names the option and never the text: an address may hold a password by mistake.
 * @param option how the user knows it, e.g. `apiUrl (HCP_API_ADDRESS)`.
 * @param takesSockets whether `unix:///path` is an address too.
 */
export function parseBaseUrl(text: string, option: string, sourceKind: string, takesSockets = false): BaseUrl {
  const refuse = (reason: string): never => {
    throw new SecretConfigurationError(`${option} ${reason}`, { sourceKind });
  };
  if (takesSockets && /^unix:/i.test(text)) {
    const socketPath = text.replace(/^unix:(?:\/\/)?/i, '');
    if (!/^\/[^\0]+$/.test(socketPath))
      return refuse('must name a socket by its whole path, e.g. "unix:///run/vault.sock".');
    return { ...SOCKET, shown: `unix://${socketPath}`, socketPath };
  }
  if (!URL.canParse(text)) return refuse('is not a URL: give e.g. "https://host:8200".');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('must begin with https:// (or http://).');
  if (url.username || url.password) return refuse('must not hold a user name or password.');
  if (url.search || url.hash) return refuse('must not have a query or a fragment.');
  return {
    protocol: url.protocol,
    host: url.host,
    origin: url.origin,
    shown: url.origin,
    path: url.pathname.replace(/\/+$/, ''),
    loopback: isLoopback(url.hostname),
  };
}

/** Plain http that never leaves the machine; the host is what the one at the other end gets to read. */
const SOCKET = { protocol: 'http:', host: 'localhost', origin: 'http://localhost', path: '', loopback: true } as const;

/** 169.254.0.0/16: what a cloud tells a machine about itself. It leaves the machine only for its host, is plain http everywhere, and no proxy has it. */
export const isLinkLocal = (hostname: string): boolean => /^169\.254(?:\.\d{1,3}){2}$/.test(hostname);

/** 127.0.0.0/8, ::1 and localhost, in the spelling that `URL` gives them. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
