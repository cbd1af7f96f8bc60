import { generate } from 'selfsigned';

export interface OwnCertificate {
  readonly key: string;
  readonly cert: string;
  /** Who signed it. */
  readonly ca: string;
}

/** A certificate for loopback that a CA of its own signed, as private networks have it. */
export async function ownCertificate(): Promise<OwnCertificate> {
  const ca = await generate([{ name: 'commonName', value: 'CA of the Key Vault emulator' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert, ca: ca.cert };
}
