import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoogleAuthLike } from '../../../lib/sources/gcp/index.js';
import { AccessTokens } from '../../../lib/sources/gcp/auth/access-tokens.js';
import { AccessToken } from '../../../lib/sources/http/index.js';
import { REFRESH_TOKEN, SUBJECT_TOKEN } from '../../servers/google/auth.server.js';
import { printed } from '../support/printed.js';
import { startServer } from '../support/server.js';
import {
  cleanUp,
  context,
  emulated,
  errorOf,
  failureOf,
  sourceAt,
  TOKEN,
  valuesOf,
  withSignIn,
} from './support/google.js';

afterEach(cleanUp);

const VALUE = { KEY: 'value' };

describe('googleSecretManager: default credentials', () => {
  test('given the key of a service account, when read, then its own signature is the token, and nobody is asked for one', async () => {
    const { auth, google, withFile } = await withSignIn();
    const source = await withFile(auth.serviceAccount());
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    await source.read(['KEY'], context());
    expect(auth.requests).toEqual([]);
    const [first, second] = google.requests.map(({ headers }) => headers.authorization);
    expect(first).toMatch(/^Bearer ey/);
    expect(second).toBe(first);
  });

  test('given what gcloud leaves for a user, when read, then the refresh token is exchanged, and who pays is said', async () => {
    const { auth, google, write, signedIn } = await withSignIn();
    await write('application_default_credentials.json', auth.authorizedUser());
    const { folder } = { folder: join((await write('x', '')), '..') }; // prettier-ignore
    const source = signedIn({ CLOUDSDK_CONFIG: folder }, {}, { userTokenUrl: `${auth.url}/token` });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    expect(auth.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /token']);
    expect(google.requests[0]!.headers['x-goog-user-project']).toBe('paying-project');
    const paid = signedIn({ CLOUDSDK_CONFIG: folder, GOOGLE_CLOUD_QUOTA_PROJECT: 'another' }, {}, { userTokenUrl: `${auth.url}/token` }); // prettier-ignore
    await paid.read(['KEY'], context());
    expect(google.requests[1]!.headers['x-goog-user-project']).toBe('another');
  });

  test('given federation by a file, when tokens are got, then the file is read anew, exchanged and impersonated', async () => {
    const { auth, write, withFile } = await withSignIn();
    const file = await write('subject', `${SUBJECT_TOKEN}\n`);
    const source = await withFile(auth.externalAccount({ file }));
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    expect(auth.requests.map(({ path }) => path)).toEqual(['/v1/token', new URL(auth.impersonationUrl).pathname]);
    expect(JSON.parse(auth.requests[1]!.body)).toEqual({ scope: ['https://www.googleapis.com/auth/cloud-platform'], lifetime: '3600s' }); // prettier-ignore
    await write('subject', 'canary-another-subject');
    auth.expireAll();
    const error = await errorOf(source);
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(error.message).toContain(
      `the security token service (${auth.url}) gives no access token: HTTP 400, invalid_grant`,
    );
    expect(printed(error)).not.toContain('canary');
    await write('subject', SUBJECT_TOKEN);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
  });

  test('given federation by a URL with a field of JSON, without impersonation, when read, then its token is exchanged', async () => {
    const { auth, withFile } = await withSignIn();
    const format = { type: 'json', subject_token_field_name: 'id_token' };
    const url = `${auth.url}/subject`;
    const source = await withFile(auth.externalAccount({ url, headers: { 'X-Provider': 'yes' }, format }, false));
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    expect(auth.requests.map(({ path }) => path)).toEqual(['/subject', '/v1/token']);
    const misnamed = await withFile(auth.externalAccount({ url, headers: { 'X-Provider': 'yes' }, format: { ...format, subject_token_field_name: 'token' } })); // prettier-ignore
    const error = await errorOf(misnamed);
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(error.message).toContain('gives no token in that field');
    expect(printed(error)).not.toContain('canary');
  });

  test('given an impersonated service account, when read, then its base is asked, then the token of the other', async () => {
    const { auth, withFile } = await withSignIn();
    const impersonated = (source: object) => ({
      type: 'impersonated_service_account',
      service_account_impersonation_url: auth.impersonationUrl,
      delegates: ['between@app-project.iam.gserviceaccount.com'],
      source_credentials: source,
    });
    const source = await withFile(impersonated(auth.serviceAccount()), { projectId: 'app-project' });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    expect(JSON.parse(auth.requests[0]!.body)).toMatchObject({
      delegates: ['between@app-project.iam.gserviceaccount.com'],
    });
  });

  test('given the metadata server, when read, then its token and its project serve, past the proxy, and it is asked once', async () => {
    const { auth, signedIn } = await withSignIn();
    const source = signedIn({ GCE_METADATA_HOST: auth.host }, { projectId: undefined });
    const names = ['KEY', 'B', 'C', 'D'];
    expect(valuesOf(await source.read(names, context()))).toEqual(VALUE);
    expect(auth.requests.map(({ path }) => path.replace(/\?.*/, ''))).toEqual([
      '/computeMetadata/v1/project/project-id',
      '/computeMetadata/v1/instance/service-accounts/default/token',
    ]);
    expect(source.describe('KEY')[0]!.at).toContain('project "app-project"');
  });

  test.each([
    ['GCLOUD_PROJECT', { GCLOUD_PROJECT: 'app-project', GOOGLE_CLOUD_PROJECT: 'other' }],
    ['GOOGLE_CLOUD_PROJECT', { GOOGLE_CLOUD_PROJECT: 'app-project' }],
    ['google_cloud_project', { google_cloud_project: 'app-project' }],
    ["the file's project_id", {}],
  ])('given the project in %s, when read, then it is that', async (_, environment) => {
    const { auth, write, signedIn } = await withSignIn();
    const file = await write('c.json', auth.serviceAccount());
    const source = signedIn({ GOOGLE_APPLICATION_CREDENTIALS: file, ...environment }, { projectId: undefined });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
  });

  test('given credentials that name no project, when read, then the error says where to name it', async () => {
    const { auth, withFile } = await withSignIn();
    const { project_id: __, ...without } = auth.serviceAccount();
    const error = await errorOf(await withFile(without, { projectId: undefined }));
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(error.message).toContain('Give `projectId`, or set GOOGLE_CLOUD_PROJECT.');
  });

  test('given a key that is replaced, when the old one is refused, then the file is read anew and the request sent once more', async () => {
    const { auth, google, write, signedIn } = await withSignIn();
    const file = await write('c.json', {
      ...auth.serviceAccount(),
      client_email: 'gone@app-project.iam.gserviceaccount.com',
    });
    const source = signedIn({ GOOGLE_APPLICATION_CREDENTIALS: file });
    const error = await errorOf(source);
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(error.message).toMatch(/UNAUTHENTICATED\. The token, though fresh, was refused\. Check the credentials/);
    expect(google.requests).toHaveLength(2);
    await write('c.json', auth.serviceAccount());
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
  });

  test('given a token that ends, when many read at once, then one new one is got for all', async () => {
    const { auth, google, signedIn } = await withSignIn();
    for (let n = 0; n < 50; n += 1) google.set(`K${n}`, 'v');
    const names = Array.from({ length: 50 }, (_, n) => `K${n}`);
    const source = signedIn({ GCE_METADATA_HOST: auth.host });
    expect((await source.read(names, context())).size).toBe(50);
    expect(auth.issued).toHaveLength(1);
    auth.expireAll();
    const found = await source.read(names, context());
    expect(Object.values(valuesOf(found))).toEqual(names.map(() => 'v'));
    expect(auth.issued).toHaveLength(2);
  });
});

describe('googleSecretManager: credentials that are no use', () => {
  test('given a named file that is not there yet, when read, then that is told, and it is used once it is there', async () => {
    const { auth, folder, write, signedIn } = await withSignIn();
    const path = join(folder, 'later.json');
    const source = signedIn({ GOOGLE_APPLICATION_CREDENTIALS: path, GCE_METADATA_HOST: auth.host });
    const error = await errorOf(source);
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(error.message).toContain(`the credentials of GOOGLE_APPLICATION_CREDENTIALS: "${path}" does not exist`);
    expect(auth.requests).toEqual([]); // a file that is named is not passed over
    await write('later.json', auth.serviceAccount());
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    await unlink(path);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE); // the token serves
  });

  test.each([
    ['no JSON', '{"private_key": canary-1', 'is not a JSON file of credentials'],
    ['no type', { private_key: 'canary-1' }, 'is not a JSON file of credentials'],
    ['another type', { type: 'canary-gdch' }, 'are of a type that is not known here'],
    ['no key', { type: 'service_account', client_email: 'a@b' }, 'have no "private_key"'],
    [
      'a key that is none',
      { type: 'service_account', client_email: 'a@b', private_key: 'canary-key' },
      'is not an RSA key in PEM',
    ],
    [
      'a source of AWS',
      {
        type: 'external_account',
        token_url: 'https://sts.example',
        audience: 'a',
        subject_token_type: 't',
        credential_source: { environment_id: 'aws1' },
      },
      'is neither a file nor a URL',
    ],
    [
      'an empty token to exchange',
      {
        type: 'external_account',
        token_url: 'http://sts.example/v1',
        audience: 'a',
        subject_token_type: 't',
        credential_source: { file: 'EMPTY' },
      },
      'gives no token',
    ],
    [
      'another universe',
      { type: 'service_account', universe_domain: 'example.cloud', client_email: 'a@b', private_key: 'canary-key' },
      'are of the universe "example.cloud", and requests go to "googleapis.com"',
    ],
  ])('given a file with %s, when read, then the error says so, and quotes nothing of it', async (_, content, words) => {
    const { google, withFile, write } = await withSignIn();
    const written = JSON.stringify(content).replace('EMPTY', await write('empty', ''));
    const error = await errorOf(await withFile(written));
    expect(['SECRET_AUTHENTICATION', 'SECRET_CONFIGURATION']).toContain(error.code);
    expect(error.message).toContain(words);
    expect(printed(error)).not.toContain('canary');
    expect(google.requests).toEqual([]);
  });

  test('given plain http beyond loopback for the exchange, when read, then nothing is sent', async () => {
    const { auth, write, withFile } = await withSignIn();
    const file = await write('subject', SUBJECT_TOKEN);
    const error = await errorOf(
      await withFile({ ...auth.externalAccount({ file }), token_url: 'http://sts.example/v1/token' }),
    );
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(error.message).toMatch(/token_url in ".*" is http:\/\/sts\.example: plain http is refused but on loopback/);
  });

  test('given no credentials anywhere, when read, then the error names the ways to give them', async () => {
    const { google, signedIn } = await withSignIn();
    const error = await errorOf(signedIn({ METADATA_SERVER_DETECTION: 'none' }));
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    for (const way of ['GOOGLE_APPLICATION_CREDENTIALS', 'gcloud auth application-default login', '`auth`'])
      expect(error.message).toContain(way);
    expect(google.requests).toEqual([]);
  });

  test.each([
    [
      400,
      '{"error":"invalid_grant","error_description":"canary-text"}',
      'SECRET_AUTHENTICATION',
      'HTTP 400, invalid_grant',
    ],
    [400, '{"error":"canary_code"}', 'SECRET_AUTHENTICATION', 'HTTP 400.'],
    [403, '<html>canary</html>', 'SECRET_SOURCE_UNAVAILABLE', 'something else is in its place'],
    [429, '{"error":"canary"}', 'SECRET_THROTTLED', 'HTTP 429'],
    [503, 'canary', 'SECRET_SOURCE_UNAVAILABLE', 'HTTP 503'],
    [200, 'canary', 'SECRET_SOURCE_UNAVAILABLE', 'a body that is not JSON'],
    [200, '{"access_token":"canary\\r\\nx: y"}', 'SECRET_SOURCE_UNAVAILABLE', 'answered without an access token'],
  ])(
    'given a token endpoint that answers %i %s, when read, then it is %s',
    async (status, body, code, words) => {
      const { auth, write, withFile } = await withSignIn();
      const file = await write('subject', SUBJECT_TOKEN);
      const source = await withFile(auth.externalAccount({ file }));
      auth.refusal = { status, body };
      const error = await errorOf(source);
      expect(error.code).toBe(code);
      expect(error.message).toContain(words);
      expect(printed(error)).not.toContain('canary');
      auth.refusal = undefined;
      expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    },
    30_000,
  );

  test('given what is not a metadata server in its place, when read, then its answer is not a token', async () => {
    const other = await startServer((_, response) =>
      response.end('{"access_token":"canary-of-another","expires_in":3600}'),
    );
    const { google, signedIn } = await withSignIn();
    const error = await errorOf(signedIn({ GCE_METADATA_HOST: other.url.slice('http://'.length) }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain('what answers in place of the metadata server is none');
    expect(google.requests).toEqual([]);
  });

  test('given a source of credentials, when it and its parts are printed, then nothing of them shows', async () => {
    const { auth, write, withFile } = await withSignIn();
    const source = await withFile(auth.authorizedUser(), {}, { userTokenUrl: `${auth.url}/token` });
    await source.read(['KEY'], context());
    const token = new AccessToken('canary-token', 1000);
    const tokens = new AccessTokens(
      { token: () => Promise.resolve(token), projectId: () => Promise.resolve(undefined), quotaProject: undefined },
      'kind',
    );
    await tokens.get(context().signal);
    await write('x', '');
    for (const holder of [source, token, tokens]) expect(printed(holder)).not.toContain('canary');
    expect(printed(source)).not.toContain(REFRESH_TOKEN);
  });
});

describe('googleSecretManager: the life of a token', () => {
  const tokensOf = (life: number) => {
    let now = 0;
    let issued = 0;
    const source = {
      token: () => Promise.resolve(new AccessToken(`token-${(issued += 1)}`, life)),
      projectId: () => Promise.resolve(undefined),
      quotaProject: undefined,
    };
    const tokens = new AccessTokens(source, 'kind', () => now);
    return {
      get: () => tokens.get(context().signal),
      at: (time: number) => (now = time),
      issued: () => issued,
      tokens,
    };
  };

  test('given an hour, when asked again and again, then it is renewed four minutes ahead, behind the back of who asks', async () => {
    const { get, at, issued } = tokensOf(3_600_000);
    expect(await get()).toBe('token-1');
    at(3_374_000);
    expect(await get()).toBe('token-1');
    expect(issued()).toBe(1);
    at(3_376_000);
    expect(await Promise.all([get(), get()])).toEqual(['token-1', 'token-1']);
    expect(await get()).toBe('token-2');
    expect(issued()).toBe(2);
  });

  test('given what keeps tokens itself, when asked, then it is asked each time, once for all who ask together', async () => {
    const { get, issued } = tokensOf(0);
    expect(await Promise.all([get(), get()])).toEqual(['token-1', 'token-1']);
    expect(await get()).toBe('token-2');
    expect(issued()).toBe(2);
  });

  test('given a source that is closed while a token is got, when it is, then that request ends', async () => {
    const { auth, signedIn } = await withSignIn();
    const silent = await startServer(() => undefined);
    const source = signedIn({ GCE_METADATA_HOST: silent.url.slice('http://'.length) });
    const reading = failureOf(
      source.read(['KEY'], context()).then((found) => Promise.reject(found.get('KEY') as Error)),
    );
    while (silent.requests.length === 0) await new Promise(setImmediate);
    await source.close();
    expect((await reading).code).toBe('SECRET_SOURCE_UNAVAILABLE');
    await silent.drained();
    expect(auth.requests).toEqual([]);
  });
});

describe('googleSecretManager: a given auth', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a text, as GoogleAuth gives it', () => Promise.resolve('canary-given-token')],
    ['an object, as its clients give it', () => Promise.resolve({ token: 'canary-given-token', res: null })],
  ])('given %s, when read, then that is sent, and asked for its project', async (_, getAccessToken) => {
    const auth = { getAccessToken, getProjectId: () => Promise.resolve('app-project') } as GoogleAuthLike;
    const { google } = await emulated({ KEY: 'value' });
    const source = sourceAt(google.url, { auth, projectId: undefined });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual(VALUE);
    expect(google.requests[0]!.headers.authorization).toBe('Bearer canary-given-token');
    expect(printed(source)).not.toContain('canary');
  });

  test.each<[string, () => unknown, string]>([
    [
      'fails',
      () => Promise.reject(Object.assign(new Error('canary-body'), { code: 'ENOENT', response: { data: 'canary' } })),
      'failed in getAccessToken()',
    ],
    [
      'throws',
      () => {
        throw new TypeError('canary');
      },
      'failed in getAccessToken()',
    ],
    ['gives nothing', () => Promise.resolve(null), 'gives no token from getAccessToken()'],
    ['gives an object without one', () => Promise.resolve({ token: null }), 'gives no token'],
    ['gives what no header holds', () => Promise.resolve('canary\nx'), 'gives no token'],
  ])(
    'given one that %s, when read, then it is refused credentials, and nothing of it shows',
    async (_, getAccessToken, words) => {
      const { google } = await emulated({ KEY: 'value' });
      const error = await errorOf(sourceAt(google.url, { auth: { getAccessToken } as GoogleAuthLike }));
      expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION', secretName: 'KEY' });
      expect(error.message).toContain(words);
      expect(printed(error)).not.toContain('canary');
      expect(google.requests).toEqual([]);
    },
  );

  test('given a token that is refused, when read, then it is asked for another one once', async () => {
    let issued = 0;
    const { google } = await emulated({ KEY: 'value' }, {}, { accepts: (token) => token === 'token-2' });
    const auth = { getAccessToken: () => Promise.resolve(`token-${(issued += 1)}`) };
    expect(valuesOf(await sourceAt(google.url, { auth }).read(['KEY'], context()))).toEqual(VALUE);
    expect(issued).toBe(2);
    expect(TOKEN).toMatch(/^canary/);
  });
});
