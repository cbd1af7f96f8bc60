import { awsCredentialsProvider, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { RoleCredentials } from '../../../lib/sources/aws/shared/role.credentials.js';
import { FakeClock } from '../../support/fake-clock.js';
import { printed } from '../support/printed.js';
import { stopServers } from '../support/server.js';
import { context, credentials, region, valueOf } from './aws.js';
import { batchOf, startStub, valueOf as answerOf } from './stub.js';

const roleArn = 'arn:aws:iam::123456789012:role/reader';
afterEach(stopServers);

/** A store and STS; sessions are numbered, and those that `expired` names are refused. */
async function stage() {
  let sessions = 0;
  const expired = new Set<number>();
  const sts = await startStub(() => ({
    AccessKeyId: `ASIA${++sessions}`,
    SecretAccessKey: 'canary-session-key',
    SessionToken: `canary-session-${sessions}`,
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  }));
  const store = await startStub(({ operation, input, headers }) => {
    const session = /canary-session-(\d+)/.exec(String(headers['x-amz-security-token']))?.[1];
    if (expired.has(Number(session))) return { error: 'ExpiredTokenException' };
    return operation === 'BatchGetSecretValue'
      ? batchOf({ A: 'a', B: 'b' }, input.SecretIdList)
      : answerOf(String(input['SecretId']), 'v');
  });
  const source = (more: object = {}) =>
    awsSecretsManager({
      region,
      credentials,
      endpoint: store.url,
      assumeRole: { roleArn, sessionName: 'app', externalId: 'ext', endpoint: sts.url },
      ...more,
    });
  return { sts, store, source, expired };
}

describe('an assumed role', () => {
  it('given 100 reads at once, when the role is assumed, then STS is asked once, at its own endpoint', async () => {
    const { sts, store, source } = await stage();
    const reader = source();
    await Promise.all(Array.from({ length: 100 }, (_, index) => valueOf(reader, `S${index}`)));
    expect(sts.requests).toMatchObject([
      { operation: 'AssumeRole', input: { RoleArn: roleArn, RoleSessionName: 'app', ExternalId: 'ext' } },
    ]);
    expect(store.requests[0]!.headers['x-amz-security-token']).toBe('canary-session-1');
    await reader.close();
  });

  it('given a duration and tags, when the role is assumed, then STS is told; and what STS never takes is refused at once', async () => {
    const { sts, source } = await stage();
    const role = { roleArn, endpoint: sts.url };
    const reader = source({ assumeRole: { ...role, duration: '30m', tags: { team: 'shop' } } });
    await valueOf(reader, 'KEY');
    expect(sts.requests[0]!.input).toMatchObject({
      DurationSeconds: '1800',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'shop',
    });
    await reader.close();
    for (const more of [{ duration: '1m' }, { duration: '13h' }, { tags: { team: 1 } }, { tags: ['a'] }]) {
      expect(() => source({ assumeRole: { ...role, ...more } })).toThrow(/assumeRole\.(duration|tags)/);
    }
  });

  it('given a role that assumes another, when read, then STS is asked for the first by the app and for the second by the first, each once', async () => {
    const { sts, store, source, expired } = await stage();
    const via = { roleArn: 'arn:aws:iam::111111111111:role/hub', sessionName: 'hub', tags: { team: 'shop' } };
    const reader = source({ assumeRole: { roleArn, endpoint: sts.url, via } });
    await Promise.all(['A', 'B', 'C'].map((name) => valueOf(reader, name)));
    expect(sts.requests.map(({ input }) => input['RoleArn'])).toEqual([via.roleArn, roleArn]);
    const tokens = [...sts.requests, store.requests[0]!].map(({ headers }) => headers['x-amz-security-token']);
    expect(tokens).toEqual([undefined, 'canary-session-1', 'canary-session-2']);
    expired.add(2);
    expect(await valueOf(reader, 'A')).toBe('v');
    expect(sts.requests.map(({ input }) => input['RoleArn'])).toEqual([via.roleArn, roleArn, roleArn]);
    await reader.close();
  });

  it.each([
    [{ via: { roleArn: 'hub' } }, /assumeRole\.via\.roleArn/],
    [{ via: { roleArn, duration: '1m' } }, /assumeRole\.via\.duration/],
    [{ via: { roleArn }, duration: '2h' }, /assumeRole\.duration.*an hour at most/],
    [{ via: { roleArn, endpoint: 'x' } }, /no option "assumeRole\.via\.endpoint"/],
  ])('given %j, when the source is made, then it is refused', async (more, message) => {
    const { source } = await stage();
    expect(() => source({ assumeRole: { roleArn, ...more } })).toThrow(message);
  });

  it('given a token that is refused as expired in mid-flight, when many read, then the role is assumed once more, and all get their values', async () => {
    const { sts, source, expired } = await stage();
    const reader = source();
    await valueOf(reader, 'KEY');
    expired.add(1);
    const values = await Promise.all(Array.from({ length: 20 }, () => valueOf(reader, 'KEY')));
    expect(new Set(values)).toEqual(new Set(['v']));
    expect(sts.requests).toHaveLength(2);
    await reader.close();
  });

  it('given tokens that are all refused, when read, then it is tried once more and no oftener, and nothing shows', async () => {
    const { sts, store, source, expired } = await stage();
    for (let session = 1; session < 10; session += 1) expired.add(session);
    const reader = source();
    const error: unknown = await valueOf(reader, 'KEY').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect([sts.requests.length, store.requests.length]).toEqual([2, 2]);
    expect(printed(error) + printed(reader)).not.toContain('canary');
    await reader.close();
  });

  it('given a role that may not be assumed, when read, then our credentials are what is refused', async () => {
    const sts = await startStub(() => ({ error: 'AccessDenied', status: 403 }));
    const { source } = await stage();
    const reader = source({ assumeRole: { roleArn, endpoint: sts.url } });
    await expect(valueOf(reader, 'KEY')).rejects.toMatchObject({
      code: 'SECRET_AUTHENTICATION',
      message: expect.stringContaining('trust policy'),
    });
    await reader.close();
  });

  it('given an hour’s session, when it nears its end, then it is renewed in time, and the old one serves while STS is down', async () => {
    const clock = new FakeClock();
    let calls = 0;
    let down = false;
    const role = new RoleCredentials(async () => {
      calls += 1;
      if (down) throw new Error('down');
      return { accessKeyId: `K${calls}`, secretAccessKey: 's', expiration: new Date(clock.wall() + 3_600_000) };
    }, clock);
    const ask = role.provider();
    const key = async () => (await ask()).accessKeyId;
    expect(await Promise.all([key(), key()])).toEqual(['K1', 'K1']);
    clock.jump(54 * 60_000);
    expect(await key()).toBe('K1');
    clock.jump(2 * 60_000);
    down = true;
    expect(await key()).toBe('K1');
    down = false;
    expect(await key()).toBe('K3');
    down = true;
    clock.jump(61 * 60_000);
    await expect(key()).rejects.toThrow('down');
  });
});

describe('credentials without a role', () => {
  it('given a provider whose token is refused as expired, when read, then it is asked again', async () => {
    const store = await startStub(({ headers }) =>
      headers['x-amz-security-token'] === 'token-1' ? { error: 'ExpiredTokenException' } : answerOf('KEY', 'v'),
    );
    let asked = 0;
    const provider = async () => ({
      ...credentials,
      sessionToken: `token-${++asked}`,
      expiration: new Date(Date.now() + 3_600_000),
    });
    const source = awsSecretsManager({ region, credentials: provider, endpoint: store.url });
    expect(await valueOf(source, 'KEY')).toBe('v');
    expect(asked).toBe(2);
    await source.close();
  });

  it('given a provider that has none, when read, then the error is about credentials', async () => {
    const store = await startStub(() => answerOf('KEY', 'v'));
    const provider = () => Promise.reject(Object.assign(new Error('canary'), { name: 'CredentialsProviderError' }));
    const source = awsSecretsManager({ region, credentials: provider, endpoint: store.url });
    const error: unknown = await valueOf(source, 'KEY').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed(error)).not.toContain('canary');
    await source.close();
  });
});

describe('awsCredentialsProvider', () => {
  const ref = <T>(value: T, more: object = {}) => ({ name: 'AWS', value, ...more });
  const end = '2030-01-01T00:00:00.000Z';
  const expected = { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'ST' };

  it.each([
    ['HCP', { values: { access_key_id: 'AK', secret_access_key: 'SK', session_token: 'ST' }, expires_at: end }],
    ['Vault', { access_key: 'AK', secret_key: 'SK', security_token: 'ST', expiration: end }],
    ['AWS', { AccessKeyId: 'AK', SecretAccessKey: 'SK', SessionToken: 'ST', Expiration: end }],
  ])('given the credentials as %s names them, when provided, then they come with their end', async (_, value) => {
    expect(await awsCredentialsProvider(ref(value))()).toEqual({ ...expected, expiration: new Date(end) });
  });

  it('given a ref that knows the end of its lease, or a map, when provided, then that counts', async () => {
    const expiresAt = new Date(end);
    const vault = { access_key: 'AK', secret_key: 'SK', security_token: null };
    expect(await awsCredentialsProvider(ref(vault, { expiresAt }))()).toEqual({
      accessKeyId: 'AK',
      secretAccessKey: 'SK',
      expiration: expiresAt,
    });
    const map = ({ k }: { k: string }) => ({ accessKeyId: k, secretAccessKey: k });
    expect(await awsCredentialsProvider(ref({ k: 'x' }), { map })()).toEqual({
      accessKeyId: 'x',
      secretAccessKey: 'x',
    });
  });

  it('given a rotation, when an SDK client sends the next request, then it signs with the new credentials', async () => {
    const store = await startStub(({ input }) => batchOf({ A: 'a', B: 'b' }, input.SecretIdList));
    const current = { name: 'AWS', value: { access_key: 'AKONE', secret_key: 'SK' } };
    const source = awsSecretsManager({ region, credentials: awsCredentialsProvider(current), endpoint: store.url });
    await source.read(['A', 'B'], context());
    current.value = { access_key: 'AKTWO', secret_key: 'SK' };
    await source.read(['A', 'B'], context());
    const keys = store.requests.map(({ headers }) => /Credential=(\w+)/.exec(String(headers['authorization']))?.[1]);
    expect(keys).toEqual(['AKONE', 'AKTWO']);
    await source.close();
  });

  it('given a secret without credentials, when provided, then the error names what is missing, and no value', async () => {
    const error: unknown = await awsCredentialsProvider(ref({ access_key: 'AK', other: 'canary-value' }))().catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'SECRET_FIELD', secretName: 'AWS', field: 'secret_access_key' });
    expect(printed(error)).not.toContain('canary');
  });
});
