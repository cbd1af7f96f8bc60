import { SecretConfigurationError } from '../../core/errors/index.js';

/** A key and its certificate, as PEM. */
export interface EmulatorKeyPair {
  readonly key: string;
  readonly cert: string;
}

const DAY = 24 * 60 * 60 * 1000;

/** What is used of `selfsigned`; its own types would be missing to those who compile our declarations without that optional peer. */
interface Selfsigned {
  generate(
    this: void,
    attributes: { name: string; value: string }[],
    options: object,
  ): Promise<{ readonly private: string; readonly cert: string }>;
}
const loadSelfsigned = (): Promise<Selfsigned> => import('selfsigned');

/** The key pair to serve with: the given one, or a self-signed one for the loopback names by the optional peer `selfsigned`. */
export async function keyPairFor(
  tls: true | EmulatorKeyPair,
  load: () => Promise<Selfsigned> = loadSelfsigned,
): Promise<EmulatorKeyPair> {
  if (tls !== true) return checked(tls);
  const { generate } = await load().catch((cause: unknown) => {
    throw new SecretConfigurationError(
      'Emulator: `tls: true` needs the package "selfsigned", which cannot be loaded.',
      {
        advice: 'Run `npm install --save-dev selfsigned@5`, or give `tls: { key, cert }`.',
        cause,
      },
    );
  });
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY), // for a client whose clock is behind
    notAfterDate: new Date(Date.now() + 365 * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}

function checked(pair: EmulatorKeyPair): EmulatorKeyPair {
  const { key, cert } = pair as Partial<EmulatorKeyPair>;
  if (typeof key === 'string' && typeof cert === 'string') return { key, cert };
  throw new SecretConfigurationError('Emulator: "tls" has to be a boolean, or "key" and "cert" as PEM.');
}
