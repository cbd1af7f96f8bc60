import type { SecretValue } from '../../lib/core/secret/secret-value.js';
import { awsParameterStore, awsSecretsManager } from '../../lib/sources/aws/index.js';
import type { Quota } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { describeWith } from '../servers/available.js';
import { startMoto, type MotoServer } from '../servers/moto.server.js';
import { administrator, credentials, region } from '../sources/aws/aws.js';
import { startServer } from '../sources/support/server.js';
import { tokenBucket } from '../sources/support/token-bucket.js';

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

  /** In front of moto, so that one source's backend can fail, or have a quota, without the others'. */
  async function gate() {
    let down = false;
    let bucket: (() => boolean) | undefined;
    const server = await startServer((request, response) => {
      const { body } = server.requests.at(-1)!;
      const refuse = (status: number, error: object): void =>
        void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(error));
      if (down) return refuse(503, {});
      if (bucket && !bucket()) return refuse(400, { __type: 'ThrottlingException' });
      const headers = { ...request.headers } as Record<string, string>;
      delete headers['host'];
      delete headers['content-length'];
      delete headers['connection'];
      void fetch(`${moto.endpoint}${request.url}`, { method: request.method!, headers, body }).then(async (answer) => {
        const type = answer.headers.get('content-type') ?? 'application/x-amz-json-1.1';
        response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
      });
    });
    return {
      url: server.url,
      stop: () => server.stop(),
      fail: () => (down = true),
      recover: () => {
        down = false;
        bucket = undefined;
      },
      requests: () => server.requests.length,
      throttle: (quota: Quota) => (bucket = tokenBucket(quota)),
    };
  }

  const stage = async () => {
    const front = await gate();
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
