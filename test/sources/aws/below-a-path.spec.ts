import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import { stopServers } from '../support/server.js';
import { credentials, region } from './aws.js';
import type { StubAnswer, StubRequest } from './stub.js';
import { startStub, valueOf as answerOf } from './stub.js';

afterEach(stopServers);

const NAMES = ['/app/A', '/app/DENIED', '/app/db/B', '/app/db/deep/C'];

/** Both stores with the same names; one of them is denied to who reads it, alone or among others. */
function answer({ operation, input }: StubRequest): StubAnswer {
  const parameter = (Name: string) => ({ Name, Value: `of ${Name}`, Version: 1, Type: 'String' });
  switch (operation) {
    case 'ListSecrets':
      return { SecretList: NAMES.map((Name) => ({ Name })) };
    case 'DescribeParameters':
      return { Parameters: NAMES.map((Name) => ({ Name })) };
    case 'BatchGetSecretValue':
      return {
        SecretValues: input.SecretIdList.filter((id) => id !== '/app/DENIED').map((id) => answerOf(id, `of ${id}`)),
        Errors: [{ SecretId: '/app/DENIED', ErrorCode: 'AccessDeniedException', Message: 'canary-body-of-aws' }],
      };
    case 'GetParameters':
      if (input.Names.includes('/app/DENIED')) return { error: 'AccessDeniedException' };
      return { Parameters: input.Names.map(parameter) };
    case 'GetParameter':
      return input.Name === '/app/DENIED' ? { error: 'AccessDeniedException' } : { Parameter: parameter(input.Name) };
    default:
      return { error: 'AccessDeniedException' };
  }
}

async function set(store: typeof awsSecretsManager | typeof awsParameterStore) {
  const stub = await startStub(answer);
  const source = store({ region, credentials, endpoint: stub.url, prefix: '/app/' });
  const logger = new CapturedLogger();
  const runtime = new SecretRuntime({ source, logger });
  return { stub, logger, runtime, client: new HcpVaultClient(runtime) };
}

describe.each([
  ['awsSecretsManager', awsSecretsManager],
  ['awsParameterStore', awsParameterStore],
] as const)('what lies below a path of %s', (_, store) => {
  const others = { A: 'of /app/A', 'db/B': 'of /app/db/B', 'db/deep/C': 'of /app/db/deep/C' };

  it.each<[string, (client: HcpVaultClient, runtime: SecretRuntime) => Promise<unknown>]>([
    ['getByPath', (client) => client.getByPath('')],
    ['fetchSecrets', (client) => client.fetchSecrets()],
    [
      "preload: 'all'",
      async (client, runtime) => {
        await runtime.bootstrap([], 'all');
        return Object.fromEntries(Object.keys(others).map((name) => [name, client.get(name)]));
      },
    ],
  ])(
    'given one that is denied, when read by %s, then it fails nothing else, and status and log tell of it',
    async (__, read) => {
      const { client, runtime, logger } = await set(store);
      expect(await read(client, runtime)).toEqual(others);
      const denied = client.status().find(({ name }) => name === 'DENIED');
      expect(denied).toMatchObject({ lastError: { code: 'SECRET_ACCESS_DENIED' } });
      const lines = logger.at('warn').filter((line) => line.includes('DENIED'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain('canary');
      await runtime.shutdown();
    },
  );

  it('given `failOnError`, when one is denied, then that rejects; given no recursion, then what lies in folders is not asked for', async () => {
    const { client, runtime, stub } = await set(store);
    const refusal = { code: 'SECRET_ACCESS_DENIED', secretName: 'DENIED' };
    await expect(client.getByPath('', { failOnError: true })).rejects.toMatchObject(refusal);
    const before = stub.requests.length;
    expect(await client.getByPath('db', { recursive: false })).toEqual({ 'db/B': 'of /app/db/B' });
    const asked = stub.requests
      .slice(before)
      .flatMap(({ input }) => input.SecretIdList ?? input.Names ?? input.SecretId ?? []);
    expect(asked).toEqual(['/app/db/B']);
    await runtime.shutdown();
  });
});
