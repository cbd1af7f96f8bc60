import {
  AZURE,
  DIRECTORY,
  ENV,
  FILE,
  GOOGLE,
  HCP,
  KUBERNETES,
  PARAMETER_STORE,
  SECRETS_MANAGER,
  VAULT,
} from './parameters.js';
import type { SourceScheme } from './source-scheme.js';

/** The backends that the command line knows. Those with an entry of their own come from there, by the package's name: they are not bundled in. */
export const SCHEMES: readonly SourceScheme[] = [
  {
    name: 'env',
    form: 'PREFIX',
    parameters: ENV,
    load: async () => (await import('./local.schemes.js')).openEnv,
  },
  {
    name: 'file',
    form: 'PATH',
    parameters: FILE,
    load: async () => (await import('./local.schemes.js')).openFile,
  },
  {
    name: 'dir',
    form: 'PATH',
    parameters: DIRECTORY,
    load: async () => (await import('./local.schemes.js')).openDirectory,
  },
  {
    name: 'vault',
    form: 'MOUNT/PREFIX',
    parameters: VAULT,
    credentials: 'VAULT_TOKEN, VAULT_ROLE_ID and VAULT_SECRET_ID, … (or BAO_…), each also as …_FILE',
    load: async () => (await import('./vault.scheme.js')).openVault,
  },
  {
    name: 'aws-sm',
    form: 'PREFIX',
    parameters: SECRETS_MANAGER,
    credentials: "the SDK's chain: AWS_*, profiles, roles",
    load: async () => (await import('./aws.schemes.js')).openSecretsManager,
  },
  {
    name: 'aws-ssm',
    form: 'PATH',
    parameters: PARAMETER_STORE,
    credentials: "the SDK's chain: AWS_*, profiles, roles",
    load: async () => (await import('./aws.schemes.js')).openParameterStore,
  },
  {
    name: 'k8s',
    form: 'NAMESPACE[/SECRET]',
    parameters: KUBERNETES,
    credentials: "the kubeconfig, or the pod's service account",
    load: async () => (await import('./kubernetes.scheme.js')).openKubernetes,
  },
  {
    name: 'gcp',
    form: 'PROJECT[/PREFIX]',
    parameters: GOOGLE,
    credentials: 'GOOGLE_APPLICATION_CREDENTIALS, or what gcloud or the metadata server gives',
    load: async () => (await import('./cloud.schemes.js')).openGoogle,
  },
  {
    name: 'azure',
    form: 'NAME or https://…',
    parameters: AZURE,
    credentials: 'AZURE_TENANT_ID, AZURE_CLIENT_ID, …, or a managed identity',
    load: async () => (await import('./cloud.schemes.js')).openAzure,
  },
  {
    name: 'hcp',
    form: 'APP or https://…',
    parameters: HCP,
    credentials: 'HCP_CLIENT_ID and HCP_CLIENT_SECRET, or HCP_CRED_FILE',
    load: async () => (await import('./hcp.scheme.js')).openHcp,
  },
];
