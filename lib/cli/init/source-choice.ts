import { InitError } from './init-error.js';

/** A source as `init` and `nest add` offer it: what the app reads in production. Elsewhere it reads `.env`, watched. */
export interface SourceChoice {
  /** As commands name sources everywhere: `--source aws-sm`. */
  readonly name: string;
  readonly title: string;
  /** Names of the package's entry that the expression takes. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** TypeScript of the source. `app` is the app's name, which is safe in a path and between quotes. */
  expression(app: string): string;
  /** Variables that the source needs in production, each with what it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** Optional peers that it needs. */
  readonly peers: readonly string[];
  /** Whether it gives an object for a secret that holds JSON: the file of development then does, too. @default false */
  readonly givesObjects?: true;
}

const MAIN = 'nestjs-hcp-vault';

export const SOURCES: readonly SourceChoice[] = [
  {
    name: 'file',
    title: 'a file, .env or JSON, watched',
    imports: { [MAIN]: ['fileSource'] },
    expression: () => `fileSource(process.env.SECRETS_FILE ?? '/run/secrets/app.env')`,
    environment: { SECRETS_FILE: 'path of the file with the secrets' },
    peers: [],
  },
  {
    name: 'env',
    title: 'environment variables',
    imports: { [MAIN]: ['envSource'] },
    expression: () => 'envSource()',
    environment: {},
    peers: [],
  },
  {
    name: 'dir',
    title: 'a folder with a file a secret, watched (Kubernetes, Docker, systemd)',
    imports: { [MAIN]: ['directorySource'] },
    expression: () => `directorySource(process.env.SECRETS_DIR ?? '/run/secrets', { trim: true })`,
    environment: { SECRETS_DIR: 'path of the folder with the secrets' },
    peers: [],
  },
  {
    name: 'vault',
    title: 'HashiCorp Vault or OpenBao',
    imports: { [`${MAIN}/vault`]: ['appRole', 'vault'] },
    expression: (app) => `vault({
  auth: appRole({
    roleId: {
      file: process.env.VAULT_ROLE_ID_FILE ?? '/run/secrets/role-id',
    },
    secretId: {
      file: process.env.VAULT_SECRET_ID_FILE ?? '/run/secrets/secret-id',
    },
  }),
  kv: { document: '${app}' },
})`,
    environment: {
      VAULT_ADDR: 'https address of Vault or OpenBao',
      VAULT_ROLE_ID_FILE: 'path of the file with the role ID',
      VAULT_SECRET_ID_FILE: 'path of the file with the secret ID',
    },
    peers: [],
    givesObjects: true,
  },
  {
    name: 'aws-sm',
    title: 'AWS Secrets Manager',
    imports: { [`${MAIN}/aws`]: ['awsSecretsManager'] },
    expression: (app) => `awsSecretsManager({ prefix: '${app}/' })`,
    environment: { AWS_REGION: 'region of the secrets' },
    peers: ['@aws-sdk/client-secrets-manager'],
    givesObjects: true,
  },
  {
    name: 'aws-ssm',
    title: 'AWS Systems Manager Parameter Store',
    imports: { [`${MAIN}/aws`]: ['awsParameterStore'] },
    expression: (app) => `awsParameterStore({ path: '/${app}/' })`,
    environment: { AWS_REGION: 'region of the parameters' },
    peers: ['@aws-sdk/client-ssm'],
    givesObjects: true,
  },
  {
    name: 'gcp',
    title: 'Google Secret Manager',
    imports: { [`${MAIN}/gcp`]: ['googleSecretManager'] },
    expression: (app) => `googleSecretManager({ prefix: '${app}_' })`,
    environment: { GOOGLE_CLOUD_PROJECT: 'project of the secrets' },
    peers: [],
    givesObjects: true,
  },
  {
    name: 'azure',
    title: 'Azure Key Vault',
    imports: { [`${MAIN}/azure`]: ['azureKeyVault'] },
    expression: () => `azureKeyVault({ vaultUrl: process.env.KEY_VAULT_URL ?? '' })`,
    environment: { KEY_VAULT_URL: 'address of the vault, https://NAME.vault.azure.net' },
    peers: [],
    givesObjects: true,
  },
  {
    name: 'k8s',
    title: 'Kubernetes, by its API, told at once',
    imports: { [`${MAIN}/kubernetes`]: ['kubernetesSecrets'] },
    // Its keys may have capitals and underscores, which names of Secrets may not.
    expression: (app) => `kubernetesSecrets({ document: '${app}' })`,
    environment: {},
    peers: ['yaml'],
  },
];

/** What is taken where nobody says. */
export const DEFAULT_SOURCE = 'file';

/** @throws InitError for a name that is none, with those that there are. */
export function sourceNamed(name: string): SourceChoice {
  const found = SOURCES.find((source) => source.name === name);
  if (found) return found;
  const hint = name.startsWith('hcp') ? ' HCP Vault Secrets was shut down on 2026-07-01.' : '';
  throw new InitError(
    `there is no source ${JSON.stringify(name)}: take one of ${SOURCES.map((source) => source.name).join(', ')}.${hint}`,
  );
}
