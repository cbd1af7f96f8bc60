import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { HttpTransportOptions } from '../../http/index.js';
import { KIND } from '../azure-key-vault.errors.js';
import { ClientAssertion, ClientSecret, FederatedToken } from './client-proofs.js';
import { EntraIssuer } from './entra.issuer.js';
import { managedIdentity } from './managed-identity.js';
import type { TokenIssuer } from './token-issuer.js';

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  environmentcredential: ['secret', 'certificate'],
  workloadidentitycredential: ['federated'],
  managedidentitycredential: ['managed'],
  prod: ['secret', 'certificate', 'federated', 'managed'],
};
const OTHERS =
  'For other ways (Azure CLI, Visual Studio Code, a chain that tries them) give `credential: new DefaultAzureCredential()` of @azure/identity.';

/**
 * What gives tokens, by the variables that Azure's own clients read: the first of client secret, client certificate, workload identity (a federated
 * token's file) and managed identity of which there is a sign. None is tried after another: what is set and wrong is told.
 * @param entra how to reach Entra ID.
 * Throws SecretConfigurationError where variables are missing beside others.
 */
export function environmentIssuer(environment: NodeJS.ProcessEnv, entra: HttpTransportOptions): TokenIssuer {
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const chosen = variable('AZURE_TOKEN_CREDENTIALS')?.toLowerCase();
  const ways = chosen === undefined ? CHOICES['prod']! : Object.hasOwn(CHOICES, chosen) ? CHOICES[chosen]! : [];
  if (ways.length === 0) {
    throw new SecretConfigurationError('AZURE_TOKEN_CREDENTIALS asks for a credential that is not ours.', {
      sourceKind: KIND,
      advice: OTHERS,
    });
  }
  const needed = (beside: string): { tenantId: string; clientId: string } => {
    const [tenantId, clientId] = [variable('AZURE_TENANT_ID'), variable('AZURE_CLIENT_ID')];
    if (tenantId !== undefined && clientId !== undefined && /^[0-9A-Za-z][0-9A-Za-z.-]*$/.test(tenantId))
      return { tenantId, clientId };
    const missing = [tenantId ?? 'AZURE_TENANT_ID', clientId ?? 'AZURE_CLIENT_ID'].filter((name) => name.startsWith('AZURE_')); // prettier-ignore
    const reason =
      missing.length > 0
        ? `${beside} is set, and ${missing.join(' and ')} not.`
        : 'AZURE_TENANT_ID is not a tenant’s ID or domain.';
    throw new SecretConfigurationError(reason, { sourceKind: KIND, advice: `Set it, too. ${OTHERS}` });
  };
  const secret = variable('AZURE_CLIENT_SECRET');
  if (ways.includes('secret') && secret !== undefined) {
    return new EntraIssuer({ ...needed('AZURE_CLIENT_SECRET'), proof: new ClientSecret(secret), entra });
  }
  const certificate = variable('AZURE_CLIENT_CERTIFICATE_PATH');
  if (ways.includes('certificate') && certificate !== undefined) {
    const proof = new ClientAssertion(certificate, {
      password: variable('AZURE_CLIENT_CERTIFICATE_PASSWORD'),
      sendsChain: /^(?:1|true)$/i.test(variable('AZURE_CLIENT_SEND_CERTIFICATE_CHAIN') ?? ''),
    });
    return new EntraIssuer({ ...needed('AZURE_CLIENT_CERTIFICATE_PATH'), proof, entra });
  }
  const file = variable('AZURE_FEDERATED_TOKEN_FILE');
  if (ways.includes('federated') && file !== undefined) {
    return new EntraIssuer({ ...needed('AZURE_FEDERATED_TOKEN_FILE'), proof: new FederatedToken(file), entra });
  }
  if (ways.includes('managed')) return managedIdentity(variable);
  throw new SecretConfigurationError('the credential that AZURE_TOKEN_CREDENTIALS names has none of its variables.', {
    sourceKind: KIND,
    advice: `Set AZURE_TENANT_ID, AZURE_CLIENT_ID and what proves it. ${OTHERS}`,
  });
}
