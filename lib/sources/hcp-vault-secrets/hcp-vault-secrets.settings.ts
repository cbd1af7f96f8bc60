import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { nameFault } from '../../core/secret/secret-name.js';
import type { HttpTransportOptions } from '../http/http.options.js';
import { ClientCredentials } from './client-credentials.js';
import { CredentialFile } from './credential-file.js';
import type { HcpVaultSecretsOptions } from './hcp-vault-secrets.options.js';
import { HCP_OPTIONS, KIND } from './hcp-vault-secrets.options.js';
import type { PortalUrl } from './portal-url.js';
import { parsePortalUrl } from './portal-url.js';

/** The options with the environment filled in: all that a client needs. */
export interface HcpVaultSecretsSettings {
  readonly organizationId: string;
  readonly projectId: string;
  readonly appName: string;
  readonly credentials: ClientCredentials;
  readonly api: HttpTransportOptions;
  readonly auth: HttpTransportOptions;
}

// Stated by the reference of the API, and by HashiCorp's Go SDK.
const HOSTS = {
  us: { api: 'https://api.cloud.hashicorp.com', auth: 'https://auth.idp.hashicorp.com' },
  eu: { api: 'https://api.cloud.eu.hashicorp.com', auth: 'https://auth.idp.eu.hashicorp.com' },
};

const HOW =
  'Give them to hcpVaultSecrets(), or set the variables. The portal’s secrets URL as `url` stands for the three IDs; HCP_CRED_FILE may hold the project and the client.';

/** Options first, then the environment, then HashiCorp's own addresses. Throws one SecretConfigurationError that lists all that is missing. */
export function resolveSettings(
  given?: HcpVaultSecretsOptions,
  environment: NodeJS.ProcessEnv = process.env,
): HcpVaultSecretsSettings {
  const options = ownOptions(given, HCP_OPTIONS, 'hcpVaultSecrets', { details: { sourceKind: KIND } });
  const variable = (...names: string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const portal = portalOf(options);

  const organizationId =
    portal?.organizationId ?? (options.organizationId || variable('HCP_ORG_ID', 'HCP_ORGANIZATION_ID'));
  const appName = portal?.appName ?? (options.appName || variable('HCP_APP_ID'));
  let projectId = portal?.projectId ?? (options.projectId || variable('HCP_PROJECT_ID'));
  let clientId = options.clientId || variable('HCP_CLIENT_ID');
  let clientSecret = options.clientSecret || variable('HCP_CLIENT_SECRET');
  const path = variable('HCP_CRED_FILE');
  if (path !== undefined && (!projectId || !(clientId || clientSecret))) {
    const file = CredentialFile.read(path);
    projectId ||= file.projectId;
    // Never one half of each: they belong to different principals.
    if (!clientId && !clientSecret) ({ clientId, clientSecret } = file);
  }
  if (!organizationId || !projectId || !appName || !clientId || !clientSecret) {
    const wanted = [
      [organizationId, 'organizationId (HCP_ORG_ID or HCP_ORGANIZATION_ID)'],
      [projectId, 'projectId (HCP_PROJECT_ID)'],
      [appName, 'appName (HCP_APP_ID)'],
      [clientId, 'clientId (HCP_CLIENT_ID)'],
      [clientSecret, 'clientSecret (HCP_CLIENT_SECRET)'],
    ] as const;
    const missing = wanted.filter(([value]) => !value).map(([, name]) => name);
    throw misconfigured(`missing: ${missing.join(', ')}.`, HOW);
  }
  for (const [name, id] of Object.entries({ organizationId, projectId, appName })) {
    const fault = nameFault(id, { place: 'segment' });
    if (fault) throw misconfigured(`${name} ${fault.text}.`);
  }
  const geography = oneOf('geography (HCP_GEOGRAPHY)', options.geography || variable('HCP_GEOGRAPHY') || portal?.geography || 'us', ['us', 'eu']); // prettier-ignore

  const transport = (
    part: 'api' | 'auth',
    option: string | undefined,
    url: string | undefined,
  ): HttpTransportOptions => {
    const upper = part.toUpperCase();
    const mode = oneOf(`HCP_${upper}_TLS`, variable(`HCP_${upper}_TLS`) ?? '', ['', 'enabled', 'insecure', 'disabled']);
    const address = variable(part === 'api' ? 'HCP_API_ADDRESS' : 'HCP_AUTH_URL');
    const given = option || url || (address && withScheme(address, mode));
    const loose = mode === 'insecure' || (mode !== 'enabled' && options.allowInsecure === true && given !== undefined);
    return {
      url: given ?? withScheme(HOSTS[geography][part].slice('https://'.length), mode),
      urlOption: part === 'api' ? 'apiUrl (HCP_API_ADDRESS, HCP_API_TLS)' : 'authUrl (HCP_AUTH_URL, HCP_AUTH_TLS)',
      sourceKind: KIND,
      tls: options.tls,
      verify: options.tls?.ca !== undefined || !loose,
      allowInsecure: options.allowInsecure,
    };
  };
  return {
    organizationId,
    projectId,
    appName,
    credentials: new ClientCredentials(clientId, clientSecret),
    api: transport('api', options.apiUrl, portal?.apiUrl),
    auth: transport('auth', options.authUrl, undefined),
  };
}

function portalOf(options: HcpVaultSecretsOptions): PortalUrl | undefined {
  if (options.url === undefined) return undefined;
  const { organizationId, projectId, appName }: Readonly<Record<string, unknown>> = { ...options };
  if ([organizationId, projectId, appName].some((id) => id !== undefined)) {
    throw misconfigured('url stands in place of organizationId, projectId and appName: give either.');
  }
  return parsePortalUrl(options.url);
}

/** HCP_API_ADDRESS is host:port; many write the scheme all the same. */
const withScheme = (address: string, mode: string): string =>
  address.includes('://') ? address : `${mode === 'disabled' ? 'http' : 'https'}://${address}`;

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((item) => item === value);
  if (found !== undefined) return found;
  throw misconfigured(`${name} has to be one of ${known.filter(Boolean).join(', ')}.`);
}

const misconfigured = (reason: string, advice?: string): SecretConfigurationError =>
  new SecretConfigurationError(reason, { sourceKind: KIND, advice });
