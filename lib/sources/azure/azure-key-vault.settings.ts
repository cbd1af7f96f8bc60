import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { SourceObservers } from '../../core/source/source-observers.js';
import type { BaseUrl, HttpTransportOptions } from '../http/index.js';
import { parseBaseUrl } from '../http/index.js';
import { KIND } from './azure-key-vault.errors.js';
import type { AzureKeyVaultOptions } from './azure-key-vault.options.js';
import { AZURE_KEY_VAULT_OPTIONS } from './azure-key-vault.options.js';
import { environmentIssuer } from './credentials/environment.js';
import { GivenCredential } from './credentials/given.credential.js';
import type { TokenIssuer } from './credentials/token-issuer.js';

/** The clouds: what ends a vault's host, which is also whom a token is for; and who gives tokens there. */
const CLOUDS = [
  { suffix: 'vault.azure.net', authority: 'https://login.microsoftonline.com' },
  { suffix: 'vault.azure.cn', authority: 'https://login.chinacloudapi.cn' },
  { suffix: 'vault.usgovcloudapi.net', authority: 'https://login.microsoftonline.us' },
] as const;

/** Whom a token may be for where the vault's host is of none of the clouds. */
export const KNOWN_RESOURCES: readonly string[] = CLOUDS.map(({ suffix }) => suffix);

/** Bytes: a value has 25 KB, a page 25 secrets of up to 15 tags of 1 KB. Many are read at a time. */
const MAX_BODY = 1024 * 1024;

/** How to reach one vault, checked. */
export interface AzureKeyVaultSettings {
  readonly options: AzureKeyVaultOptions;
  readonly vault: HttpTransportOptions;
  readonly base: BaseUrl;
  /** Undefined where the host is of none of the clouds: then the vault is asked, and its answer is looked at closely. */
  readonly scope: string | undefined;
  readonly issuer: TokenIssuer;
}

/** Throws SecretConfigurationError for options, or an environment, that can't be meant. */
export function resolveSettings(
  given: AzureKeyVaultOptions,
  observers: SourceObservers,
  environment: NodeJS.ProcessEnv = process.env,
): AzureKeyVaultSettings {
  const options = ownOptions(given, AZURE_KEY_VAULT_OPTIONS, 'azureKeyVault', { details: { sourceKind: KIND } });
  const { vaultUrl, credential, tls, allowInsecure, prefix = '' } = options;
  const { warn } = observers;
  const base = vaultAt(vaultUrl);
  if (!/^[0-9a-zA-Z-]*$/.test(prefix)) {
    throw misconfigured('"prefix" goes before names at the vault, which have only letters, digits and dashes.');
  }
  const cloud = CLOUDS.find(({ suffix }) => new URL(base.origin).hostname.endsWith(`.${suffix}`));
  const common = { sourceKind: KIND, tls, allowInsecure, warn };
  const authority = options.authorityHost ?? (environment['AZURE_AUTHORITY_HOST'] || undefined);
  const issuer = credential
    ? new GivenCredential(credential)
    : environmentIssuer(environment, {
        ...common,
        url: withScheme(authority ?? cloud?.authority ?? CLOUDS[0].authority),
        urlOption: 'authorityHost (AZURE_AUTHORITY_HOST)',
      });
  return {
    options,
    base,
    vault: { ...common, url: base.origin, urlOption: 'vaultUrl', maxBody: MAX_BODY },
    scope: cloud && `https://${cloud.suffix}/.default`,
    issuer,
  };
}

function vaultAt(url: string): BaseUrl {
  const base = parseBaseUrl(url, 'vaultUrl', KIND);
  if (base.path !== '') throw misconfigured('vaultUrl is the address of a vault, without a path.');
  if (/\.managedhsm\./.test(base.host))
    throw misconfigured('vaultUrl is a Managed HSM, which holds keys and no secrets.');
  return base;
}

/** Some set only the host. */
const withScheme = (address: string): string => (address.includes('://') ? address : `https://${address}`);

const misconfigured = (reason: string): SecretConfigurationError =>
  new SecretConfigurationError(reason, {
    sourceKind: KIND,
    advice: 'Give e.g. vaultUrl: "https://NAME.vault.azure.net".',
  });
