import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { AccessToken } from '../../http/index.js';
import { isHeaderText } from '../../http/index.js';
import type { TokenSource } from './access-tokens.js';
import type { Environment } from './credential.file.js';
import { CredentialFile, variable } from './credential.file.js';
import { federatedToken } from './federation.js';
import { impersonatedToken } from './impersonation.js';
import { MetadataServer } from './metadata-server.js';
import { signedToken } from './service-account.js';
import type { Asking } from './token.request.js';
import { grantedToken, requestToken } from './token.request.js';

/** What a test may set. */
export interface AuthHooks {
  /** Where refresh tokens of users are exchanged. */
  readonly userTokenUrl?: string | undefined;
}

const USER_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const OAUTH = 'the token endpoint';

/**
 * Application Default Credentials, in Google's own order: the file of GOOGLE_APPLICATION_CREDENTIALS, that of gcloud, the metadata server. Looked for again
 * with each token, so that a file that is replaced counts.
 */
export class DefaultCredentials implements TokenSource {
  readonly #metadata: MetadataServer;
  #quotaProject: string | undefined;

  constructor(
    private readonly sourceKind: string,
    private readonly environment: Environment,
    /** The domain of the APIs that the tokens are for: those of another one are not sent there. */
    private readonly universe: string,
    private readonly hooks: AuthHooks = {},
  ) {
    this.#metadata = new MetadataServer(environment);
  }

  get quotaProject(): string | undefined {
    return this.#quotaProject;
  }

  async token(signal: AbortSignal): Promise<AccessToken> {
    const asking = { sourceKind: this.sourceKind, signal };
    const file = await CredentialFile.find(this.environment, this.sourceKind);
    if (!file) return this.#metadata.token(asking);
    this.#checkUniverse(file);
    this.#quotaProject = headerOf(file, 'quota_project_id', this.sourceKind);
    return this.#tokenOf(file, asking);
  }

  async projectId(signal: AbortSignal): Promise<string | undefined> {
    const file = await CredentialFile.find(this.environment, this.sourceKind);
    if (file) return file.text('project_id');
    return this.#metadata.projectId({ sourceKind: this.sourceKind, signal });
  }

  async #tokenOf(file: CredentialFile, asking: Asking): Promise<AccessToken> {
    switch (file.type) {
      case 'service_account':
        return signedToken(file, this.sourceKind);
      case 'authorized_user':
        return this.#userToken(file, asking);
      case 'external_account':
        return this.#impersonated(file, await federatedToken(file, asking), asking);
      case 'impersonated_service_account':
        return this.#impersonated(file, await this.#tokenOf(file.within('source_credentials'), asking), asking);
      default:
        throw new SecretConfigurationError(`the credentials in "${file.path}" are of a type that is not known here.`, {
          sourceKind: this.sourceKind,
          advice:
            'service_account, authorized_user, external_account and impersonated_service_account are; for others give `auth: new GoogleAuth({ scopes })` of google-auth-library.',
        });
    }
  }

  /** What `gcloud auth application-default login` leaves. */
  #userToken(file: CredentialFile, asking: Asking): Promise<AccessToken> {
    const { sourceKind } = this;
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: file.needed('client_id', sourceKind),
      client_secret: file.needed('client_secret', sourceKind),
      refresh_token: file.needed('refresh_token', sourceKind),
    });
    const call = {
      method: 'POST' as const,
      url: this.hooks.userTokenUrl ?? USER_TOKEN_URL,
      path: '',
      urlOption: 'the token endpoint of users',
      asked: OAUTH,
      advice: 'Sign in again: `gcloud auth application-default login`.',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
    };
    return requestToken(call, asking, (response) => grantedToken(response, OAUTH, sourceKind));
  }

  async #impersonated(file: CredentialFile, own: AccessToken, asking: Asking): Promise<AccessToken> {
    const field = 'service_account_impersonation_url';
    const isNeeded = file.type === 'impersonated_service_account';
    const url = isNeeded ? file.needed(field, this.sourceKind) : file.text(field);
    if (url === undefined) return own;
    const urlOption = `${field} in "${file.path}"`;
    const { token_lifetime_seconds: life } = file.fields('service_account_impersonation');
    return impersonatedToken({ url, urlOption, delegates: file.texts('delegates'), life }, own, asking);
  }

  #checkUniverse(file: CredentialFile): void {
    const own = file.text('universe_domain') ?? 'googleapis.com';
    if (own === this.universe) return;
    throw new SecretConfigurationError(
      `the credentials in "${file.path}" are of the universe "${own}", and requests go to "${this.universe}".`,
      { sourceKind: this.sourceKind, advice: 'Set GOOGLE_CLOUD_UNIVERSE_DOMAIN to that of the credentials.' },
    );
  }

  static {
    hideInOutput(DefaultCredentials.prototype, () => '[secrets of default credentials]');
  }
}

function headerOf(file: CredentialFile, field: string, sourceKind: string): string | undefined {
  const text = file.text(field);
  if (text === undefined || isHeaderText(text)) return text;
  throw new SecretConfigurationError(`the "${field}" in "${file.path}" holds what no header takes.`, { sourceKind });
}

/** The project that the environment names. */
export const projectOf = (environment: Environment): string | undefined =>
  variable(environment, 'GCLOUD_PROJECT', 'GOOGLE_CLOUD_PROJECT');
