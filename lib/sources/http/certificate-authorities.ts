import { X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { readAtOnce } from '../watch/read-at-once.js';
import type { TlsOptions } from './http.options.js';

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * Node puts an explicit `ca` in place of its whole list, and with it of NODE_EXTRA_CA_CERTS
 * (https://nodejs.org/api/cli.html#node_extra_ca_certsfile); users of a company's CA mean both, so we add the file ourselves.
 */
function extraCertificates(environment: NodeJS.ProcessEnv): string[] {
  const file = environment['NODE_EXTRA_CA_CERTS'];
  if (!file) return [];
  try {
    return readAtOnce(file).toString('latin1').match(CERTIFICATE) ?? [];
  } catch {
    return []; // Node itself has warned of it at start, and goes on
  }
}

/** What TLS needs to know, read once for all connections; undefined leaves it to Node. Throws SecretConfigurationError for what is not PEM. */
export function trustOf(tls: TlsOptions | undefined, sourceKind: string): SecureContext | undefined {
  if ((tls?.cert === undefined) !== (tls?.key === undefined)) {
    throw new SecretConfigurationError('tls.cert and tls.key belong together: give both or neither.', { sourceKind });
  }
  const ca = authorities(tls?.ca, sourceKind);
  if (ca === undefined && tls?.cert === undefined) return undefined;
  try {
    // Without `ca` a context trusts Node's own list, NODE_EXTRA_CA_CERTS included.
    return createSecureContext({ ...(ca && { ca }), ...(tls?.cert && tls.key && { cert: tls.cert, key: tls.key }) });
  } catch (cause) {
    throw new SecretConfigurationError(
      'tls.cert and tls.key are not a PEM certificate and the key that belongs to it.',
      {
        sourceKind,
        cause,
      },
    );
  }
}

function authorities(ca: TlsOptions['ca'], sourceKind: string): string[] | undefined {
  if (ca === undefined) return undefined;
  const given = typeof ca === 'string' || Buffer.isBuffer(ca) ? [ca] : ca;
  try {
    const ours = given.flatMap(certificatesIn);
    if (ours.length === 0) throw new TypeError('an empty list');
    return [...ours, ...extraCertificates(process.env)];
  } catch (cause) {
    throw new SecretConfigurationError('tls.ca holds no readable PEM certificate.', { sourceKind, cause });
  }
}

/** Checked one by one: a secure context takes text without any certificate in silence, and then trusts nobody. */
function certificatesIn(pem: string | Buffer): string[] {
  const found = pem.toString('latin1').match(CERTIFICATE);
  if (!found) throw new TypeError('no certificate');
  for (const certificate of found) new X509Certificate(certificate);
  return found;
}
