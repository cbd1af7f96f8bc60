import { SecretConfigurationError } from '../../core/errors/index.js';
import { warnByProcess } from '../../core/process-warning.js';
import type { BaseUrl } from './base-url.js';
import type { HttpTransportOptions } from './http.options.js';

interface Permission extends Pick<HttpTransportOptions, 'urlOption' | 'sourceKind' | 'allowInsecure' | 'warn'> {
  /** How this source comes to trust a certificate. @default 'see tls.ca' */
  readonly trust?: string | undefined;
}

/** Plain http and unverified TLS are only for loopback, unless `allowInsecure` takes the blame, which is told once. Throws SecretConfigurationError. */
export function refuseInsecure(base: BaseUrl, verify: boolean, permission: Permission): void {
  const { urlOption, sourceKind, allowInsecure, trust = 'see tls.ca', warn = warnByProcess } = permission;
  const danger =
    base.protocol === 'http:' ? 'plain http' : verify ? undefined : 'TLS without a check of the certificate';
  if (danger === undefined) return;
  if (allowInsecure) {
    warn(`allowInsecure permits ${danger} to ${base.origin}: secrets and credentials can be read on the way.`);
  } else if (!base.loopback) {
    throw new SecretConfigurationError(
      `${urlOption} is ${base.origin}: ${danger} is refused but on loopback. Use https with a certificate that is trusted (${trust}), or set allowInsecure: true.`,
      { sourceKind },
    );
  }
}
