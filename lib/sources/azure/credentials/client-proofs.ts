import type { KeyObject } from 'node:crypto';
import { constants, createHash, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { SecretAuthenticationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { fileTrouble, readCredentialText } from '../../watch/index.js';
import { KIND } from '../azure-key-vault.errors.js';

/** What proves at Entra ID that an app is who it says. */
export interface ClientProof {
  /** What to look at where Entra ID refuses it. */
  readonly advice: string;
  /** The fields of the form, made again for each request. */
  fields(app: { readonly clientId: string; readonly audience: string }): Promise<Readonly<Record<string, string>>>;
}

const ASSERTION = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
/** Seconds. */
const LIFE = 600;

export class ClientSecret implements ClientProof {
  readonly advice = 'Check AZURE_CLIENT_SECRET (its value, not its ID), and that it has not expired.';
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  fields(): Promise<Readonly<Record<string, string>>> {
    return Promise.resolve({ client_secret: this.#secret });
  }

  static {
    hideInOutput(ClientSecret.prototype, () => '[secrets of a client]');
  }
}

/** The token that a platform (Kubernetes, GitHub, …) writes into a file, and replaces: read again each time. */
export class FederatedToken implements ClientProof {
  readonly advice =
    'Check the federated credential of the app or identity: issuer, subject and audience have to be those of the token in AZURE_FEDERATED_TOKEN_FILE.';

  constructor(private readonly path: string) {}

  async fields(): Promise<Readonly<Record<string, string>>> {
    const token = (await textOf(this.path, 'AZURE_FEDERATED_TOKEN_FILE')).trim();
    return { ...ASSERTION, client_assertion: token };
  }
}

export interface CertificateOptions {
  readonly password: string | undefined;
  readonly sendsChain: boolean;
}

/**
 * A signed assertion, as Microsoft documents it (PS256, `x5t#S256`):
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials. The file, PEM with certificate and key, is read again each time, for it is
 * replaced before the certificate ends.
 */
export class ClientAssertion implements ClientProof {
  readonly advice =
    'Check that the certificate in AZURE_CLIENT_CERTIFICATE_PATH is registered with the app, and has not expired.';
  readonly #password: string | undefined;
  readonly #sendsChain: boolean;

  constructor(
    private readonly path: string,
    { password, sendsChain }: CertificateOptions,
  ) {
    this.#password = password;
    this.#sendsChain = sendsChain;
  }

  async fields({
    clientId,
    audience,
  }: {
    readonly clientId: string;
    readonly audience: string;
  }): Promise<Readonly<Record<string, string>>> {
    const pem = await textOf(this.path, 'AZURE_CLIENT_CERTIFICATE_PATH');
    const { key, certificates } = this.#read(pem);
    const now = Math.floor(Date.now() / 1000);
    const header = {
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': createHash('sha256').update(certificates[0]!.raw).digest('base64url'),
      ...(this.#sendsChain && { x5c: certificates.map(({ raw }) => raw.toString('base64')) }),
    };
    const claims = { aud: audience, iss: clientId, sub: clientId, jti: randomUUID(), nbf: now, exp: now + LIFE };
    const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    const signature = sign('sha256', Buffer.from(signed), { key, ...padding }).toString('base64url');
    return { ...ASSERTION, client_assertion: `${signed}.${signature}` };
  }

  #read(pem: string): { readonly key: KeyObject; readonly certificates: readonly X509Certificate[] } {
    try {
      const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      const certificates = blocks.map((block) => new X509Certificate(block));
      const [own = ''] = pem.match(/-----BEGIN (?:\w+ )?PRIVATE KEY-----[^]+?-----END (?:\w+ )?PRIVATE KEY-----/) ?? [];
      const key = createPrivateKey({ key: own, ...(this.#password !== undefined && { passphrase: this.#password }) });
      if (certificates.length > 0 && key.asymmetricKeyType === 'rsa') return { key, certificates };
    } catch {
      // What is wrong in there is not told: the text may quote it.
    }
    throw new SecretAuthenticationError(
      `"${this.path}" (AZURE_CLIENT_CERTIFICATE_PATH) holds no RSA key with its certificate in PEM.`,
      {
        sourceKind: KIND,
        advice:
          'Of a PFX: openssl pkcs12 -in app.pfx -out app.pem -nodes. For an encrypted key set AZURE_CLIENT_CERTIFICATE_PASSWORD.',
      },
    );
  }

  static {
    hideInOutput(ClientAssertion.prototype, () => '[secrets of a certificate]');
  }
}

/** A file that is not there yet, or empty, may be written a moment later: a start waits for it. */
async function textOf(path: string, variable: string): Promise<string> {
  let text: string;
  try {
    text = await readCredentialText(path);
  } catch (cause) {
    const { reason, advice } = fileTrouble(path, cause);
    const details = { sourceKind: KIND, cause, advice };
    const isMissing = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    const why = `the file of ${variable} can't be read: ${reason}`;
    throw isMissing ? new SecretSourceUnavailableError(why, details) : new SecretAuthenticationError(why, details);
  }
  if (text.trim() !== '') return text;
  throw new SecretSourceUnavailableError(`the file "${path}" of ${variable} is empty.`, { sourceKind: KIND });
}
