// What the 42 unit tests of aws-secretsmanager-caching (Python) describe, in our own words: the behaviours, with its faults of units corrected.
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { RuntimeOptions } from '../../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { FakeClock } from '../../support/fake-clock.js';
import { stopServers } from '../support/server.js';
import { credentials, region } from './aws.js';
import type { StubInput } from './stub.js';
import { startStub, valueOf } from './stub.js';

afterEach(stopServers);
const HOUR = 3_600_000;
const ids = ({ SecretIdList, SecretId }: StubInput): string[] => SecretIdList ?? [SecretId];

/** AWS, whose values a test sets by name, or by `name@STAGE`. */
async function stage(
  values: Record<string, object | string>,
  options: Partial<RuntimeOptions> = {},
  more: object = {},
) {
  let down = false;
  const stub = await startStub(({ operation, input }) => {
    if (down) return { error: 'InternalServiceError', status: 500 };
    const stage = input.VersionStage ?? 'AWSCURRENT';
    const found = ids(input).flatMap((id) => {
      const name = id.replace(/^arn:.*:secret:(.*?)(-Ab12Cd)?$/, '$1');
      const value = values[stage === 'AWSCURRENT' ? name : `${name}@${stage}`];
      if (value === undefined) return [];
      const answer = typeof value === 'string' ? valueOf(name, value) : { ...valueOf(name, ''), ...value };
      return [answer];
    });
    if (operation === 'BatchGetSecretValue') return { SecretValues: found, Errors: [] };
    return found[0] ?? { error: 'ResourceNotFoundException' };
  });
  const clock = new FakeClock();
  const source = awsSecretsManager({ region, credentials, endpoint: stub.url, ...more });
  const runtime = new SecretRuntime({
    source,
    clock,
    random: options.random ?? (() => 0.5),
    cache: { maxAge: '1h', ...options.cache },
    ...(options.refresh && { refresh: options.refresh }),
    ...(options.retry && { retry: options.retry }),
  });
  const client = new HcpVaultClient(runtime);
  const read = () => stub.requests.flatMap(({ input }) => ids(input));
  return {
    client,
    clock,
    stub,
    values,
    runtime,
    read,
    fail: (is = true) => (down = is),
    end: () => runtime.shutdown(),
  };
}

describe('the behaviours of the AWS caching client', () => {
  it('given a secret in the cache, when fetched again, then AWS is not asked again', async () => {
    const { client, read, end } = await stage({ KEY: 'v' });
    expect([await client.fetch('KEY'), await client.fetch('KEY'), client.get('KEY')]).toEqual(['v', 'v', 'v']);
    expect(read()).toEqual(['KEY']);
    await end();
  });

  it('given text and bytes, when fetched, then each comes as its kind', async () => {
    const binary = { SecretString: undefined, SecretBinary: Buffer.from([1, 2]).toString('base64') };
    const { client, end } = await stage({ text: 'v', binary });
    expect(await client.fetch('text')).toBe('v');
    expect(await client.fetch('binary')).toEqual(Uint8Array.of(1, 2));
    await end();
  });

  it('given a missing secret, when fetched, then it is not found, and no value is made up', async () => {
    const { client, end } = await stage({});
    await expect(client.fetch('KEY')).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND', secretName: 'KEY' });
    await end();
  });

  it('given another stage as the default, and one that is asked for, when fetched, then both lie in the cache, side by side', async () => {
    const values = { KEY: 'current', 'KEY@AWSPREVIOUS': 'previous', 'KEY@AWSPENDING': 'pending' };
    const { client, read, end } = await stage(values, {}, { versionStage: 'AWSPREVIOUS' });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await client.fetch('KEY')).toBe('previous');
      expect(await client.fetch('KEY', { version: 'AWSPENDING' })).toBe('pending');
    }
    expect(read()).toHaveLength(2);
    await end();
  });

  it('given a stage that AWS does not have, when fetched, then it is not found', async () => {
    const { client, end } = await stage({ KEY: 'v' });
    await expect(client.fetch('KEY', { version: 'NOPE' })).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    await end();
  });

  it('given an interval of an hour, when time passes, then the refresh comes at random between half of it and its end', async () => {
    for (const chance of [0, 0.5, 0.999]) {
      const { client, clock, end } = await stage({ KEY: 'v' }, { random: () => chance });
      await client.fetch('KEY');
      const due = client.status()[0]!.nextRefreshAt!.getTime() - clock.wall();
      expect(due).toBeCloseTo(HOUR * (1 - chance / 2));
      await end();
    }
  });

  it('given AWS down, when values age, then they are served, and the new one comes once AWS is back', async () => {
    const { client, values, fail, end } = await stage({ KEY: 'old' });
    await client.fetch('KEY');
    fail();
    values['KEY'] = 'new';
    expect((await client.refresh('KEY')).failed).toHaveLength(1);
    expect([client.get('KEY'), await client.fetch('KEY')]).toEqual(['old', 'old']);
    fail(false);
    expect(await client.refresh('KEY')).toMatchObject({ changed: ['KEY'] });
    expect(client.get('KEY')).toBe('new');
    await end();
  });

  it('given AWS down and no value, when fetched, then the error comes; and within the back-off AWS is left alone', async () => {
    const { client, fail, read, end } = await stage({ KEY: 'v' }, { retry: { base: '1h', factor: 2, max: '2h' } });
    fail();
    await expect(client.fetch('KEY')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await expect(client.fetch('KEY')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(read()).toEqual(['KEY', 'KEY', 'KEY']); // the attempts of one request
    await end();
  });

  it('given failures of one secret, when another is fetched, then the back-off is not its', async () => {
    const { client, fail, end } = await stage({ A: 'a', B: 'b' }, { retry: { base: '1h', max: '1h' } });
    fail();
    await client.fetch('A').catch(() => undefined);
    fail(false);
    expect(await client.fetch('B')).toBe('b');
    await end();
  });

  it('given a refresh by hand after a failure, when it runs, then it passes the back-off at once, and its outcome is told', async () => {
    const { client, fail, end } = await stage({ KEY: 'v' }, { retry: { base: '1h', max: '1h' } });
    fail();
    await client.fetch('KEY').catch(() => undefined);
    fail(false);
    expect(await client.refresh('KEY')).toMatchObject({ failed: [], changed: ['KEY'] });
    expect(await client.fetch('KEY', { forceRefresh: true })).toBe('v');
    await end();
  });

  it('given more secrets than the cache may hold, when fetched, then the least recently used is read anew', async () => {
    const { client, read, end } = await stage({ A: 'a', B: 'b', C: 'c' }, { cache: { maxEntries: 2 } });
    for (const name of ['A', 'B', 'A', 'C', 'A', 'B']) await client.fetch(name);
    expect(read()).toEqual(['A', 'B', 'C', 'B']);
    await end();
  });

  it('given a hook, when values go in and out, then it sees both, and what it gives is what is read', async () => {
    const hook = {
      put: (name: string, value: unknown) => `${name}<${String(value)}`,
      get: (_: string, kept: unknown) => `${String(kept)}>`,
    };
    const { client, end } = await stage({ KEY: 'v' }, { cache: { hook } });
    expect(await client.fetch('KEY')).toBe('KEY<v>');
    await end();
  });

  it('given the same version again, when refreshed, then nothing is rotated', async () => {
    const { client, end } = await stage({ KEY: 'v' });
    await client.fetch('KEY');
    expect(await client.refresh('KEY')).toMatchObject({ changed: [], unchanged: ['KEY'] });
    await end();
  });

  it('given JSON, when a key is fetched, then it comes; a missing one, or a secret that is not JSON, is an error that quotes nothing', async () => {
    const { client, end } = await stage({ DB: '{"user":"u","n":0}', TEXT: 'canary' });
    expect(await client.fetch('DB', { field: 'user' })).toBe('u');
    expect(await client.fetch('DB', { field: 'n' })).toBe(0);
    await expect(client.fetch('DB', { field: 'none' })).rejects.toMatchObject({ code: 'SECRET_FIELD' });
    await expect(client.fetch('TEXT', { field: 'x' })).rejects.toMatchObject({
      code: 'SECRET_FIELD',
      message: expect.not.stringContaining('canary'),
    });
    await end();
  });

  it('given a value in the hands of a reader, when the reader tries to change it, then nobody else sees it', async () => {
    const { client, end } = await stage({ DB: '{"user":"u"}' });
    const mine = await client.fetch<{ user: string }>('DB');
    expect(() => (mine.user = 'x')).toThrow(TypeError);
    expect(client.get('DB')).toEqual({ user: 'u' });
    await end();
  });

  it.each([
    ['cache', { cache: { maxEntries: 0 } }],
    ['cache', { cache: { maxAge: -1 } }],
    ['cache', { cache: { size: 3 } }],
    ['retry', { retry: { factor: 0.5 } }],
    ['refresh', { refresh: { jitter: 2 } }],
  ])('given a limit of %s that can’t be meant, when connected, then it is refused by its name', (group, options) => {
    const source = awsSecretsManager({ region, credentials });
    expect(() => new SecretRuntime({ source, ...options } as RuntimeOptions)).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(group) }),
    );
  });
});
