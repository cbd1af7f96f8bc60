import { SecretConfigurationError } from '../../core/errors/index.js';
import type { BaseUrl } from './base-url.js';

/** A proxy that the user names: for every address. */
export interface GivenProxy {
  /** How the user knows it, for errors. */
  readonly option: string;
  readonly url: string;
}

const SCHEMES = new Set(['http:', 'https:', 'socks5:', 'socks:']);

/**
 * The proxy for this address: the given one, or the one that the environment names, as curl and Go read it: lower case first, and HTTP_PROXY is not for https.
 * Loopback never goes through one of the environment's: plain http is allowed there because it stays on this machine.
 * Throws SecretConfigurationError, by the option or variable, for what undici would not take.
 */
export function proxyFor(
  base: Pick<BaseUrl, 'protocol' | 'loopback' | 'socketPath'>,
  given: GivenProxy | false | undefined,
  sourceKind: string,
): GivenProxy | undefined {
  const named = given === undefined ? ofEnvironment(base) : given;
  if (!named || base.socketPath !== undefined) return undefined;
  const url = named.url.includes('://') ? named.url : `http://${named.url}`;
  if (!isProxy(url)) throw refusedProxy(named.option, sourceKind);
  return { option: named.option, url };
}

/** The text may hold the proxy's password, which errors of URL, of decoding it and of undici quote, or carry along: nothing of them is kept. */
export function refusedProxy(option: string, sourceKind: string): SecretConfigurationError {
  const advice =
    'Give it as in http://user:password@proxy.example:3128, what is special in user and password percent-encoded.';
  return new SecretConfigurationError(`${option} is not a URL of a proxy.`, { sourceKind, advice });
}

function ofEnvironment({ loopback, protocol }: Pick<BaseUrl, 'protocol' | 'loopback'>): GivenProxy | undefined {
  if (loopback) return undefined;
  const option = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const url = process.env[option.toLowerCase()] || process.env[option];
  return url ? { option, url } : undefined;
}

/** As undici judges it when it makes an agent, without loading it. */
function isProxy(text: string): boolean {
  try {
    const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
    if (username && password) decodeURIComponent(username + password);
    const isBare = (pathname === '/' || pathname === '') && search === '' && hash === '';
    return SCHEMES.has(protocol) && hostname !== '' && (isBare || protocol.startsWith('socks'));
  } catch {
    return false;
  }
}
