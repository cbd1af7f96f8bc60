import { printableStart } from '../errors/printable.js';

/** What people call the backends that we know by their kind; any other goes by its kind. */
const TITLES: Readonly<Record<string, string>> = {
  'hcp-vault-secrets': 'HCP Vault Secrets',
  vault: 'Vault',
  'aws-secrets-manager': 'AWS Secrets Manager',
  'aws-parameter-store': 'AWS Parameter Store',
  'aws-local-agent': 'the AWS agent',
  'google-secret-manager': 'Google Secret Manager',
  'azure-key-vault': 'Azure Key Vault',
  kubernetes: 'Kubernetes',
  env: 'the environment',
  file: 'the file',
  directory: 'the folder',
  memory: 'the memory source',
};

/** A source for people, e.g. `Vault` for `vault`. Sources are written by others too: what can't be printed is U+FFFD. */
export const sourceTitle = (kind: string): string =>
  Object.hasOwn(TITLES, kind) ? TITLES[kind]! : printableStart(kind, 100);
