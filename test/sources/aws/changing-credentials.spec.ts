import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { DefaultCredentials } from '../../../lib/sources/aws/shared/default.credentials.js';
import { stopServers } from '../support/server.js';
import { region, valueOf } from './aws.js';
import { startStub, valueOf as answerOf } from './stub.js';

const environment = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-credentials-'));
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) delete process.env[name];
  Object.assign(process.env, {
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
afterEach(async () => {
  process.env = { ...environment };
  await stopServers();
  await rm(folder, { recursive: true });
});

/** As another process does, e.g. `aws sso login` with a helper, or a sidecar. */
const write = (key: string) =>
  writeFile(
    join(folder, 'credentials'),
    `[default]\naws_access_key_id = ${key}\naws_secret_access_key = canary-secret-of-${key}\n`,
  );
const keyOf = (headers: Readonly<Record<string, unknown>>): string =>
  /Credential=([^/]+)/.exec(String(headers['authorization']))?.[1] ?? '';

describe('credentials in the shared file that another process replaces', () => {
  it.each(['ExpiredTokenException', 'UnrecognizedClientException', 'InvalidClientTokenId'])(
    'given a key that AWS answers with %s, when read again, then the file’s new key is used, once for all',
    async (error) => {
      await write('AKIAOLD');
      let valid = 'AKIAOLD';
      const stub = await startStub(({ headers, input }) =>
        keyOf(headers) === valid ? answerOf(input.SecretId, 'v') : { error },
      );
      const source = awsSecretsManager({ region, endpoint: stub.url });
      expect(await valueOf(source, 'KEY')).toBe('v');
      valid = 'AKIANEW';
      await write('AKIANEW');
      expect(await Promise.all(['A', 'B', 'C'].map((name) => valueOf(source, name)))).toEqual(['v', 'v', 'v']);
      expect(await valueOf(source, 'KEY')).toBe('v');
      expect(stub.requests.map(({ headers }) => keyOf(headers)).slice(-1)).toEqual(['AKIANEW']);
      await source.close();
    },
  );

  it('given a role, when the key that assumes it is known no more, then the file’s new one assumes it', async () => {
    await write('AKIAOLD');
    let valid = 'AKIAOLD';
    let sessions = 0;
    const over = new Set<string>();
    const sts = await startStub(({ headers }) =>
      keyOf(headers) === valid
        ? {
            AccessKeyId: `ASIA${(sessions += 1)}`,
            SecretAccessKey: 'canary-session-key',
            SessionToken: `session-${sessions}`,
            Expiration: new Date(Date.now() + 3_600_000).toISOString(),
          }
        : { error: 'InvalidClientTokenId', status: 403 },
    );
    const store = await startStub(({ headers, input }) =>
      over.has(keyOf(headers)) ? { error: 'ExpiredTokenException' } : answerOf(input.SecretId, 'v'),
    );
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/reader', endpoint: sts.url };
    const source = awsSecretsManager({ region, endpoint: store.url, assumeRole });
    expect(await valueOf(source, 'KEY')).toBe('v');
    over.add('ASIA1');
    valid = 'AKIANEW';
    await write('AKIANEW');
    expect(await valueOf(source, 'KEY')).toBe('v');
    expect(sts.requests.map(({ headers }) => keyOf(headers)).at(-1)).toBe('AKIANEW');
    await source.close();
  });

  it('given a holder of them, when it is printed, then nothing shows', () => {
    const held = new DefaultCredentials();
    held.open(() => () => Promise.resolve({ accessKeyId: 'A', secretAccessKey: 'canary' }), { secret: 'canary' });
    for (const text of [String(held), JSON.stringify(held), inspect(held, { showHidden: true })]) {
      expect(text).not.toContain('canary');
    }
  });
});
