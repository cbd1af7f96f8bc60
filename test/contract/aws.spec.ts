import type { SecretValue } from '../../lib/core/secret/secret-value.js';
import { awsParameterStore, awsSecretsManager } from '../../lib/sources/aws/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { describeWith } from '../servers/available.js';
import { startMoto, type MotoServer } from '../servers/moto.server.js';
import { administrator, credentials, region } from '../sources/aws/aws.js';
import { startGate } from './support/gate.js';

describeWith(['moto'], 'AWS', () => {
  let moto: MotoServer;
  let aws: ReturnType<typeof administrator>;
  let runs = 0;

  beforeAll(async () => {
    moto = await startMoto();
    aws = administrator(moto.endpoint);
  }, 60_000);
  afterAll(async () => {
    aws.end();
    await moto.stop();
  });

  const stage = async () => {
    const front = await startGate(moto.endpoint, {
      down: { status: 503, body: {} },
      throttled: { status: 400, body: { __type: 'ThrottlingException' } },
    });
    return { front, folder: `contract-${++runs}/`, options: { region, credentials, endpoint: front.url } };
  };

  describeSecretSource(
    'aws-secrets-manager',
    async (values) => {
      const { front, folder, options } = await stage();
      return {
        source: awsSecretsManager({ ...options, prefix: folder }),
        seed: async () => {
          for (const [name, value] of Object.entries(values)) await aws.create(folder + name, value);
        },
        rotate: (name, value) => aws.rotate(folder + name, value),
        remove: (name) => aws.remove(folder + name),
        spoil: (name) => aws.rotate(folder + name, '{"n":1e999}'),
        fail: front.fail,
        recover: front.recover,
        requests: front.requests,
        throttle: front.throttle,
        credentials: [credentials.secretAccessKey],
        dispose: front.stop,
      };
    },
    {
      values: ['text', 'object', 'bytes'],
      names: ['with/path', 'a+b=c', 'mail@host', 'dots.and-dashes_'],
      without: ['watch'],
    },
  );

  const text = (value: SecretValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
  describeSecretSource(
    'aws-parameter-store',
    async (values) => {
      const { front, folder, options } = await stage();
      return {
        source: awsParameterStore({ ...options, path: `/${folder}` }),
        seed: async () => {
          for (const [name, value] of Object.entries(values)) await aws.parameter(`/${folder}${name}`, text(value));
        },
        rotate: (name, value) => aws.parameter(`/${folder}${name}`, text(value)),
        remove: (name) => aws.removeParameter(`/${folder}${name}`),
        spoil: (name) => aws.parameter(`/${folder}${name}`, '{"n":1e999}'),
        fail: front.fail,
        recover: front.recover,
        requests: front.requests,
        throttle: front.throttle,
        credentials: [credentials.secretAccessKey],
        dispose: front.stop,
      };
    },
    { values: ['text', 'object'], names: ['with/path', 'dots.and-dashes_'], without: ['watch'] },
  );
});
