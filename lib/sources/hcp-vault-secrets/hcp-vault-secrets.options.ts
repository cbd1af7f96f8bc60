import type { OptionKinds } from '../../core/options/option-kinds.js';
import { group } from '../../core/options/option-kinds.js';
import type { NameRules } from '../../core/secret/secret-name.js';
import type { TlsOptions } from '../http/http.options.js';
import { TLS_OPTIONS } from '../http/http.options.js';

export const KIND = 'hcp-vault-secrets';

/** The service's names have no slash. */
export const NAMES: NameRules = { place: 'segment' };

interface CommonOptions {
  /** Of the service principal. @default HCP_CLIENT_ID, else the file that HCP_CRED_FILE names */
  readonly clientId?: string | undefined;
  /** @default HCP_CLIENT_SECRET, else the file that HCP_CRED_FILE names */
  readonly clientSecret?: string | undefined;
  /** Which of HashiCorp's regions holds the organization. @default HCP_GEOGRAPHY, else that of `url`, else 'us' */
  readonly geography?: 'us' | 'eu' | undefined;
  /** Address of the API in place of HashiCorp's, with its scheme. @default HCP_API_ADDRESS (host:port; HCP_API_TLS tells the scheme) */
  readonly apiUrl?: string | undefined;
  /** Address of the token endpoint's host in place of HashiCorp's, with its scheme. @default HCP_AUTH_URL */
  readonly authUrl?: string | undefined;
  /** Trust for both addresses. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Permits plain http beyond loopback, and takes any certificate at an address given in place of HashiCorp's, unless `tls.ca` or
   * `HCP_API_TLS=enabled` says otherwise. Warns at each start. @default false
   */
  readonly allowInsecure?: boolean | undefined;
}

interface IdentifiedByIds {
  /** UUID. @default HCP_ORG_ID or HCP_ORGANIZATION_ID */
  readonly organizationId?: string | undefined;
  /** UUID. @default HCP_PROJECT_ID, else that of the file that HCP_CRED_FILE names */
  readonly projectId?: string | undefined;
  /** The app's readable name. @default HCP_APP_ID */
  readonly appName?: string | undefined;
  readonly url?: never;
}

interface IdentifiedByUrl {
  /** The secrets URL that HCP's portal shows, `https://…/organizations/ORG/projects/PROJECT/apps/APP/secrets:open`, in place of the three IDs. */
  readonly url: string;
  readonly organizationId?: never;
  readonly projectId?: never;
  readonly appName?: never;
}

/** An option wins over its environment variable. */
export type HcpVaultSecretsOptions = CommonOptions & (IdentifiedByIds | IdentifiedByUrl);

export const HCP_OPTIONS: OptionKinds<HcpVaultSecretsOptions> = {
  clientId: 'text',
  clientSecret: 'text',
  organizationId: 'text',
  projectId: 'text',
  appName: 'text',
  url: 'text',
  geography: ['us', 'eu'],
  apiUrl: 'text',
  authUrl: 'text',
  tls: group<TlsOptions>(TLS_OPTIONS),
  allowInsecure: 'boolean',
};
