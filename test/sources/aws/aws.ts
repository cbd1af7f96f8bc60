import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { ReadContext, SecretSource } from '../../../lib/core/source/secret-source.js';
import type { SecretValue } from '../../../lib/core/secret/secret-value.js';
import { isBytes } from '../../../lib/core/secret/secret-value.js';
import { isSecretError } from '../../../lib/core/errors/index.js';

/** Made up; canaries for what errors and inspections show. */
export const credentials = {
  accessKeyId: 'AKIACANARYACCESSKEY1',
  secretAccessKey: 'canary-aws-secret-access-key-5b1e',
};
export const region = 'eu-central-1';

export const context = (version?: string): ReadContext => ({
  signal: new AbortController().signal,
  ...(version !== undefined && { version }),
});

/** The value of one secret; undefined where it is absent; throws where it is an error. */
export async function valueOf(source: SecretSource, name: string, version?: string): Promise<SecretValue | undefined> {
  const found = (await source.read([name], context(version))).get(name);
  if (isSecretError(found)) throw found;
  return found?.value;
}

const stored = (value: SecretValue) =>
  isBytes(value)
    ? { SecretBinary: value }
    : { SecretString: typeof value === 'string' ? value : JSON.stringify(value) };

/** What an administrator does at AWS, behind the back of the source. */
export function administrator(endpoint: string) {
  const secrets = new SecretsManagerClient({ endpoint, region, credentials });
  const parameters = new SSMClient({ endpoint, region, credentials });
  return {
    secrets,
    parameters,
    create: (name: string, value: SecretValue) =>
      secrets.send(new CreateSecretCommand({ Name: name, ...stored(value) })),
    rotate: (name: string, value: SecretValue) =>
      secrets.send(new PutSecretValueCommand({ SecretId: name, ...stored(value) })),
    remove: (name: string) =>
      secrets.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true })),
    parameter: (name: string, value: string, more: object = {}) =>
      parameters.send(
        new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: true, ...more }),
      ),
    removeParameter: (name: string) => parameters.send(new DeleteParameterCommand({ Name: name })),
    end() {
      secrets.destroy();
      parameters.destroy();
    },
  };
}
