import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { awsParameterStore, awsSecretsManager } from 'nestjs-hcp-vault/aws';
import type { SecretSource } from 'nestjs-hcp-vault';
import { startMoto } from '../../servers/moto.server.js';
import { administrator, credentials, region } from '../../sources/aws/aws.js';
import type { Backend, BackendKind, Stored } from './backend.js';
import { asText, SECRETS } from './backend.js';
import { Front } from './front.js';

type Administrator = ReturnType<typeof administrator>;

interface Store {
  readonly source: (endpoint: string) => SecretSource;
  readonly create: (aws: Administrator, name: string, value: Stored) => Promise<unknown>;
  readonly rotate: (aws: Administrator, name: string, value: Stored) => Promise<unknown>;
  readonly stored: (aws: Administrator, name: string) => Promise<string | undefined>;
}

async function startAt({ source, create, rotate, stored }: Store): Promise<Backend> {
  const moto = await startMoto();
  const aws = administrator(moto.endpoint);
  for (const [name, value] of Object.entries(SECRETS)) await create(aws, name, value);
  const front = await Front.before(moto.endpoint);
  return {
    source: source(front.url),
    isIssuing: false,
    isReadOnly: false,
    rotate: (name, value) => rotate(aws, name, value),
    stored: (name) => stored(aws, name),
    cut: () => front.cut(),
    restore: () => front.restore(),
    open: () => front.open,
    async stop() {
      aws.end();
      await front.stop();
      await moto.stop();
    },
  };
}

export const secretsManager: BackendKind = {
  title: 'AWS Secrets Manager',
  needs: ['moto'],
  start: () =>
    startAt({
      source: (endpoint) => awsSecretsManager({ region, credentials, endpoint, prefix: 'sample-app/' }),
      create: (aws, name, value) => aws.create(`sample-app/${name}`, asText(value)),
      rotate: (aws, name, value) => aws.rotate(`sample-app/${name}`, asText(value)),
      stored: async (aws, name) =>
        (await aws.secrets.send(new GetSecretValueCommand({ SecretId: `sample-app/${name}` }))).SecretString,
    }),
};

export const parameterStore: BackendKind = {
  title: 'AWS Parameter Store',
  needs: ['moto'],
  start: () => {
    const put = (aws: Administrator, name: string, value: Stored) =>
      aws.parameter(`/sample-app/${name}`, asText(value));
    return startAt({
      source: (endpoint) => awsParameterStore({ region, credentials, endpoint, path: '/sample-app/' }),
      create: put,
      rotate: put,
      stored: async (aws, name) =>
        (await aws.parameters.send(new GetParameterCommand({ Name: `/sample-app/${name}`, WithDecryption: true })))
          .Parameter?.Value,
    });
  },
};
