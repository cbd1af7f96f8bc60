import { SecretConfigurationError } from '../../core/errors/index.js';

/** The address of a backend, checked: what may stand in an error (`origin`) apart from what goes before each request's path. */
export interface BaseUrl {
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
 */
export function parseBaseUrl(text: string, option: string, sourceKind: string): BaseUrl {
  const refuse = (reason: string): never => {
    throw new SecretConfigurationError(`${option} ${reason}`, { sourceKind });
  };
  if (!URL.canParse(text)) return refuse('is no URL: give e.g. "https://host:8200".');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('must begin with https:// (or http://).');
  if (url.username || url.password) return refuse('must not hold a user name or password.');
  if (url.search || url.hash) return refuse('must not have a query or a fragment.');
  return {
    protocol: url.protocol,
    host: url.host,
    origin: url.origin,
    path: url.pathname.replace(/\/+$/, ''),
    loopback: isLoopback(url.hostname),
  };
}

/** 127.0.0.0/8, ::1 and localhost, in the spelling that `URL` gives them. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
