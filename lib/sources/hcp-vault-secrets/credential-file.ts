import { SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { readAtOnce } from '../watch/read-at-once.js';
import { KIND } from './hcp-vault-secrets.options.js';

const SCHEME = 'service_principal_creds';

/** The file that HCP_CRED_FILE names: `{"scheme":"service_principal_creds","project_id","oauth":{"client_id","client_secret"}}`. Any field may be missing. */
export class CredentialFile {
  readonly #clientSecret: string | undefined;

  private constructor(
    readonly projectId: string | undefined,
    readonly clientId: string | undefined,
    clientSecret: string | undefined,
  ) {
    this.#clientSecret = clientSecret;
  }

  get clientSecret(): string | undefined {
    return this.#clientSecret;
  }

  /** Throws SecretConfigurationError, which names the file and quotes nothing of it. */
  static read(path: string): CredentialFile {
    const content = record(parse(path));
    const scheme = content['scheme'];
    if (scheme !== undefined && scheme !== SCHEME) throw unusable(path, `its "scheme" is not "${SCHEME}"`);
    const oauth = record(content['oauth']);
    return new CredentialFile(text(content['project_id']), text(oauth['client_id']), text(oauth['client_secret']));
  }

  static {
    hideInOutput(CredentialFile.prototype, () => '[secrets of a credential file]');
  }
}

function parse(path: string): unknown {
  let content: string;
  try {
    content = readAtOnce(path).toString('utf8');
  } catch (cause) {
    throw unusable(path, 'it cannot be read', cause);
  }
  try {
    return JSON.parse(content);
  } catch {
    throw unusable(path, 'it is not JSON'); // the parser's error quotes the file
  }
}

const unusable = (path: string, why: string, cause?: unknown): SecretConfigurationError =>
  new SecretConfigurationError(`the file of HCP_CRED_FILE, "${path}", is not usable: ${why}.`, {
    sourceKind: KIND,
    cause,
  });

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
