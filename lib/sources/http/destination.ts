import type { SecureContext } from 'node:tls';
import type { BaseUrl } from './base-url.js';
import { parseBaseUrl } from './base-url.js';
import { trustOf } from './certificate-authorities.js';
import type { HttpTransportOptions } from './http.options.js';
import { refuseInsecure } from './insecure.js';
import { proxyFor } from './proxy.js';

/** Where requests go, and whom they trust there. */
export interface Destination {
  readonly base: BaseUrl;
  readonly trust: SecureContext | undefined;
  readonly serverName: string | undefined;
}

/** What can be told before the first request, and so is, without what speaks HTTP. Throws SecretConfigurationError for an address, certificate or proxy that can't be used. */
export function destinationOf(options: HttpTransportOptions): Destination {
  const { sourceKind, verify = true } = options;
  const base = parseBaseUrl(options.url, options.urlOption, sourceKind, options.takesSockets);
  const tls = typeof options.tls === 'function' ? options.tls() : options.tls;
  const trust = trustOf(tls, sourceKind);
  refuseInsecure(base, verify, options);
  proxyFor(base, options.proxy, sourceKind); // what is not a URL of a proxy should fail here, not at the first request
  return { base, trust, serverName: tls?.serverName };
}
