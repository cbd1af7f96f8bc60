import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { printed } from '../support/printed.js';
import { startServer } from '../support/server.js';
import { cleanUp, context, emulated, errorOf, failureOf, sourceAt, valuesOf, withSignIn } from './support/google.js';

afterEach(cleanUp);

const answering = (body: unknown, status = 200) =>
  startServer((_, response) => void response.writeHead(status).end(JSON.stringify(body)));

const NAME = 'projects/1/secrets/KEY/versions/4';

describe('googleSecretManager: answers that are none', () => {
  test.each([
    ['no payload', { name: NAME }],
    ['a payload that is text', { name: NAME, payload: 'canary' }],
    ['a payload without a value', { name: NAME, payload: {} }],
    ['a payload without a value, and the checksum of one', { name: NAME, payload: { dataCrc32c: '42' } }],
    ['half a character of Base64', { name: NAME, payload: { data: 'Y2FuYX' + 'J5A' } }],
  ])('given %s, when read, then the value is not empty all of a sudden: the source is unavailable', async (_, body) => {
    const server = await answering(body);
    const error = await errorOf(sourceAt(server.url));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(printed(error)).not.toContain('canary');
  });

  test('given an empty value that its checksum is of, when read, then it is empty', async () => {
    const server = await answering({ name: NAME, payload: { dataCrc32c: '0' } });
    expect(valuesOf(await sourceAt(server.url).read(['KEY'], context()))).toEqual({ KEY: '' });
  });

  test.each([
    ['null', null],
    ['a list', []],
    ['text', 'canary'],
    ['somebody else’s JSON', { status: 'ok' }],
    ['secrets that are not a list', { secrets: { KEY: 'canary' } }],
    ['an entry without a name', { secrets: [{ name: 'projects/1/secrets/A' }, { canary: 1 }] }],
    ['an entry whose name leads elsewhere', { secrets: [{ name: 'projects/1/secrets/..' }] }],
    ['an entry with a line break', { secrets: [{ name: 'projects/1/secrets/canary\nb' }] }],
  ])('given %s in place of a list, when listed and read whole, then there are not no secrets', async (_, body) => {
    const server = await answering(body);
    const source = sourceAt(server.url, { prefix: 'A' });
    for (const failed of [source.list(undefined, context()), source.readAll!(context())]) {
      const error = await failureOf(failed);
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      expect(printed(error)).not.toContain('canary');
    }
  });

  test.each([[{}], [{ totalSize: 0 }], [{ secrets: [], nextPageToken: '' }]])(
    'given %j, when listed, then the list is empty',
    async (body) => {
      const server = await answering(body);
      expect(await sourceAt(server.url).list(undefined, context())).toEqual([]);
    },
  );

  test.each([500, 503, 403])(
    'given HTTP %i whose body says "not found", when asked, then that is not a verdict on what there is',
    async (status) => {
      const server = await answering({ error: { code: status, status: 'NOT_FOUND', message: 'canary' } }, status);
      const source = sourceAt(server.url);
      expect((await source.read(['KEY'], context())).size).toBe(1);
      expect((await failureOf(source.exists('KEY', context()))).code).not.toBe('SECRET_NOT_FOUND');
    },
    30_000,
  );
});

describe('googleSecretManager: credentials that somebody has tampered with', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

  test.each<[string, (url: string) => object, string]>([
    ['of AWS, which has a URL too', (url) => ({ environment_id: 'aws1', url: `${url}/subject` }), 'of AWS'],
    ['of AWS, with a file beside', () => ({ environment_id: 'aws1', file: '/etc/hostname' }), 'of AWS'],
    ['a command', () => ({ executable: { command: 'touch /tmp/canary' } }), 'of a command'],
    [
      'headers with a line break',
      (url) => ({ url: `${url}/subject`, headers: { 'x-a': 'canary\r\nb: c' } }),
      "can't be sent",
    ],
    ['headers that are none', (url) => ({ url: `${url}/subject`, headers: { 'x a': 'canary' } }), "can't be sent"],
    ['plain http to another host', () => ({ url: 'http://canary.example/' }), 'plain http is refused'],
  ])(
    'given a credential_source with %s, when read, then that is told as what it is, and nothing is sent',
    async (_, source, words) => {
      const { auth, google, withFile } = await withSignIn();
      const error = await errorOf(await withFile(auth.externalAccount(source(auth.url) as Record<string, unknown>)));
      expect(error.code).toBe('SECRET_CONFIGURATION');
      expect(error.message).toContain(words);
      expect(printed(error)).not.toMatch(/canary(?!\.example)/);
      expect([google.requests, auth.requests]).toEqual([[], []]);
    },
  );

  test('given a quota project that no header takes, when read, or made, then it is told by where it stands', async () => {
    const { auth, google, withFile, signedIn } = await withSignIn();
    const error = await errorOf(await withFile({ ...auth.serviceAccount(), quota_project_id: 'canary\nb' }));
    expect(error.code).toBe('SECRET_CONFIGURATION');
    expect(error.message).toContain('the "quota_project_id" in ');
    expect(printed(error)).not.toContain('canary');
    expect(google.requests).toEqual([]);
    expect(() => signedIn({ GOOGLE_CLOUD_QUOTA_PROJECT: 'canary\nb' })).toThrow('GOOGLE_CLOUD_QUOTA_PROJECT');
  });

  test('given a key that is not of RSA, when read, then nothing is signed with it', async () => {
    const { auth, google, withFile } = await withSignIn();
    const error = await errorOf(await withFile({ ...auth.serviceAccount(), private_key: key }));
    expect(error.message).toContain('is not an RSA key in PEM');
    expect(google.requests).toEqual([]);
  });

  test('given a pipe or a device in place of a file, when read, then nobody waits for it', async () => {
    const { auth, folder, signedIn, withFile } = await withSignIn();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', folder]) {
      const error = await errorOf(signedIn({ GOOGLE_APPLICATION_CREDENTIALS: path }));
      expect(error.message).toContain(`"${path}" is not a regular file`);
      const subject = await errorOf(await withFile(auth.externalAccount({ file: path })));
      expect(subject.message).toContain(`"${path}" is not a regular file`);
    }
  });

  test('given a file with a byte order mark, when read, then it serves', async () => {
    const { auth, withFile } = await withSignIn();
    const source = await withFile(`\ufeff${JSON.stringify(auth.serviceAccount())}`);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'value' });
  });

  test('given a lifetime of impersonated tokens, when read, then it is asked for; a senseless one is not', async () => {
    const { auth, google, withFile, write } = await withSignIn();
    const subject = { file: await write('subject', 'canary-subject-token-5d20') };
    for (const [life, asked] of [
      [1200, '1200s'],
      ['1s', '3600s'],
      [1e9, '3600s'],
    ]) {
      // prettier-ignore
      const file = { ...auth.externalAccount(subject), service_account_impersonation: { token_lifetime_seconds: life } };
      await (await withFile(file)).read(['KEY'], context());
      expect(JSON.parse(auth.requests.at(-1)!.body)).toMatchObject({ lifetime: asked });
    }
    expect(google.requests).toHaveLength(3);
  });

  test('given the metadata server by a whole address, as Google’s libraries take it, when read, then it is asked', async () => {
    const { auth, signedIn } = await withSignIn();
    const source = signedIn({ GCE_METADATA_HOST: `${auth.url}/` });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'value' });
  });
});

describe('googleSecretManager: a given auth that is away', () => {
  test.each([
    ['a broken connection', { code: 'ECONNRESET' }],
    ['a broken connection of fetch', { cause: { code: 'ECONNREFUSED' } }],
    ['503 of gaxios', { response: { status: 503 } }],
    ['429', { status: 429 }],
  ])('given %s, when read, then the credentials are not called wrong', async (_, facts) => {
    const auth = { getAccessToken: () => Promise.reject(Object.assign(new Error('canary'), facts)) };
    const { source } = await emulated({ KEY: 'value' }, { auth });
    const error = await errorOf(source);
    expect(error.code).toBe('SECRET_SOURCE_UNAVAILABLE');
    expect(printed(error)).not.toContain('canary');
  });
});

describe('googleSecretManager: endpoints for tokens that are sick', () => {
  test.each([500, 503, 403])(
    'given HTTP %i there, when 500 secrets are read, then it is not asked for each of them',
    async (status) => {
      const { auth, google, withFile, write } = await withSignIn();
      const source = await withFile(auth.externalAccount({ file: await write('subject', 'canary-subject') }));
      auth.refusal = { status, body: '{"canary":1}' };
      const names = Array.from({ length: 500 }, (_, index) => `K${index}`);
      const found = await source.read(names, context());
      expect(found.size).toBe(500);
      expect(auth.requests.length).toBeLessThan(10);
      expect(google.requests).toEqual([]);
      expect(printed([...found.values()])).not.toContain('canary');
      auth.refusal = undefined;
    },
    30_000,
  );

  test('given answers without an end, when many are read, then no more of each is taken than a value can be', async () => {
    const server = await startServer((_, response) => {
      response.on('error', () => undefined);
      const pump = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pump);
      pump();
    });
    const error = await errorOf(sourceAt(server.url));
    expect(error.message).toContain('is larger than 262144 bytes');
  });
});
