import type {
  AzureKeyVaultOptions,
  AzureKeyVaultSource,
  AzureTokenCredential,
} from '../../../lib/sources/azure/index.js';
import { azureKeyVault } from '../../../lib/sources/azure/index.js';
import type { KeyVaultServerOptions } from '../../servers/key-vault/key-vault.server.js';
import { CLIENT, KeyVaultServer, TENANT } from '../../servers/key-vault/index.js';

const sources: AzureKeyVaultSource[] = [];
const vaults: KeyVaultServer[] = [];

/** The variables that Azure's clients read. */
const VARIABLES = [
  'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_AUTHORITY_HOST', 'AZURE_TOKEN_CREDENTIALS',
  'IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT', 'IMDS_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST',
]; // prettier-ignore

/** The environment of one test; `cleanUp` takes it away again. */
export function environment(variables: Readonly<Record<string, string>>): void {
  for (const name of VARIABLES) delete process.env[name];
  Object.assign(process.env, variables);
}

/** Those of an app with a client secret. */
export const appVariables = (vault: KeyVaultServer): Record<string, string> => ({
  AZURE_TENANT_ID: TENANT,
  AZURE_CLIENT_ID: CLIENT,
  AZURE_CLIENT_SECRET: vault.entra.clientSecret,
  AZURE_AUTHORITY_HOST: vault.entra.url,
});

/** As @azure/identity's are shaped; gives tokens of the emulator's without a request. */
export const credentialOf = (vault: KeyVaultServer): AzureTokenCredential => ({
  getToken: (scopes) => {
    const scope = Array.isArray(scopes) ? scopes[0]! : scopes;
    const token = vault.entra.issueTo('given', scope.replace(/\/\.default$/, ''));
    return Promise.resolve({ token, expiresOnTimestamp: Date.now() + vault.entra.tokenLife * 1000 });
  },
});

export async function startVault(options?: KeyVaultServerOptions): Promise<KeyVaultServer> {
  const vault = await KeyVaultServer.start(options);
  vaults.push(vault);
  return vault;
}

export function sourceAt(vault: KeyVaultServer, options: Partial<AzureKeyVaultOptions> = {}): AzureKeyVaultSource {
  const source = azureKeyVault({
    vaultUrl: vault.url,
    tls: { ca: vault.ca },
    credential: credentialOf(vault),
    ...options,
  });
  sources.push(source);
  return source;
}

/** An emulator with these values, and a source that reads it. */
export async function emulated(values: Readonly<Record<string, string>>, options?: Partial<AzureKeyVaultOptions>) {
  const vault = await startVault();
  for (const [name, value] of Object.entries(values)) vault.secrets.set(name, value);
  return { vault, source: sourceAt(vault, options) };
}

/** What the vault was asked for its secrets, without the question whom a token is for. */
export const asked = (vault: KeyVaultServer): string[] =>
  vault.requests.filter(({ status }) => status !== 401).map(({ method, path }) => `${method} ${path}`);

export async function cleanUp(): Promise<void> {
  environment({});
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await Promise.all(vaults.splice(0).map((vault) => vault.stop()));
}
