import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import { stopServers } from '../support/server.js';
import { context, credentials, region } from './aws.js';
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

/**
 * Parameter Store as AWS pages it: descriptions are filtered within each page of the account, a path is gone through by itself.
 * @param size of the account; every `share`-th of its parameters lies below /app.
 */
function paged({ size, share, denied = [] }: { size: number; share: number; denied?: readonly string[] }) {
  const all = Array.from({ length: size }, (_, index) => (index % share === 0 ? `/app/${index}` : `/other/${index}`));
  const page = (names: readonly string[], { NextToken = '0', MaxResults = 0 }: StubRequest['input']) => {
    const end = Number(NextToken) + Number(MaxResults);
    return { on: names.slice(Number(NextToken), end), next: end < names.length && { NextToken: String(end) } };
  };
  const inApp = all.filter((name) => name.startsWith('/app/'));
  const answers = ({ operation, input }: StubRequest): StubAnswer => {
    if (denied.includes(operation)) return { error: 'AccessDeniedException' };
    const { on, next } = page(operation === 'DescribeParameters' ? all : inApp, input);
    const found = on.filter((name) => name.startsWith('/app/'));
    const { Names = [] } = input;
    const values = (operation === 'GetParameters' ? Names : found).map((Name) => ({ Name, Value: 'v', Version: 1 }));
    return { Parameters: values, ...next };
  };
  return { answers, names: inApp.map((name) => name.slice('/app/'.length)) };
}

describe('the list of parameters below a path', () => {
  const listed = async (account: ReturnType<typeof paged>) => {
    const { url, operations } = await startStub(account.answers);
    const source = awsParameterStore({ region, credentials, endpoint: url, path: '/app/' });
    const names = await source.list(undefined, context());
    await source.close();
    const count = (operation: string) => operations().filter((one) => one === operation).length;
    expect([...names].sort()).toEqual([...account.names].sort());
    return [count('DescribeParameters'), count('GetParametersByPath')];
  };

  it('given a small folder of an account of 5,000, when listed, then it is gone through by itself, and not the account', async () => {
    expect(await listed(paged({ size: 5_000, share: 200 }))).toEqual([3, 3]);
  });

  it('given an account that is mostly this folder, or a small one, when listed, then descriptions take fewest requests', async () => {
    expect(await listed(paged({ size: 1_000, share: 1 }))).toEqual([20, 0]);
    expect(await listed(paged({ size: 150, share: 20 }))).toEqual([3, 0]);
  });

  it('given that paths may not be read, when listed, then the descriptions go on where they were, and all are found', async () => {
    const account = paged({ size: 1_000, share: 50, denied: ['GetParametersByPath'] });
    expect(await listed(account)).toEqual([20, 1]);
  });

  it('given AWS’s public parameters, when listed and read below /aws/service/, then they are there, though AWS describes them nowhere', async () => {
    const name = '/aws/service/global/version';
    const { url, operations } = await startStub(({ operation, input }) => {
      if (operation === 'DescribeParameters') return { Parameters: [] };
      expect(operation === 'GetParameters' ? input.Names : input['Path']).toEqual(
        operation === 'GetParameters' ? [name] : '/aws/service/global',
      );
      return { Parameters: [{ Name: name, Value: '1', Version: 1, Type: 'String' }] };
    });
    const source = awsParameterStore({ region, credentials, endpoint: url });
    expect(await source.list('/aws/service/global/', context())).toEqual([name]);
    const found = await source.read([name], context());
    expect(found.get(name)).toMatchObject({ value: expect.anything() });
    expect(operations()).toEqual(['GetParametersByPath', 'GetParameters']);
    await source.close();
  });
});
