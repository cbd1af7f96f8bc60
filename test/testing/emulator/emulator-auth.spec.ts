import { inspect } from 'node:util';
import { HcpVaultSecretsEmulator } from '../../../lib/testing/emulator/index.js';
import { ApiClient } from './api-client.js';

const CLIENT = { clientId: 'the id', clientSecret: 'canary+secret/%=' };
const GRANT = { grant_type: 'client_credentials', audience: 'https://api.hashicorp.cloud' };
const FORM = { ...GRANT, client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

let now: number;
let emulator: HcpVaultSecretsEmulator;
let api: ApiClient;

beforeEach(async () => {
  now = Date.UTC(2025, 0, 1);
  const options = { now: () => now, tokenLifetime: '10m' };
  emulator = await HcpVaultSecretsEmulator.start({ ...CLIENT, apps: { web: { KEY: 'canary-value' } } }, options);
  api = new ApiClient(emulator);
});

afterEach(async () => {
  await api.close();
  await emulator.stop();
});

describe('the token endpoint', () => {
  it('given credentials in the form, when a token is asked for, then it opens the API', async () => {
    const { status, body } = await api.requestToken(FORM);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), expires_in: 600, token_type: 'Bearer' });
    expect((await api.call('apps', { token: body.access_token })).status).toBe(200);
  });

  it.each([
    ['plain', basic(CLIENT.clientId, CLIENT.clientSecret)],
    ['form-encoded', basic('the+id', encodeURIComponent(CLIENT.clientSecret))],
  ])('given credentials as %s HTTP Basic, when a token is asked for, then it is given', async (_, headers) => {
    expect((await api.requestToken(GRANT, headers)).status).toBe(200);
  });

  it.each([
    ['a wrong secret', { ...FORM, client_secret: 'no' }, {}, 401, 'invalid_client'],
    ['a wrong Basic secret', GRANT, basic(CLIENT.clientId, 'no'), 401, 'invalid_client'],
    ['a Basic header without a colon', GRANT, { authorization: 'Basic eA==' }, 401, 'invalid_client'],
    ['no credentials', GRANT, {}, 401, 'invalid_client'],
    ['another grant type', { ...FORM, grant_type: 'password' }, {}, 400, 'unsupported_grant_type'],
    ['another audience', { ...FORM, audience: 'x' }, {}, 400, 'invalid_request'],
    ['JSON', FORM, { 'content-type': 'application/json' }, 400, 'invalid_request'],
  ])('given %s, when a token is asked for, then it is an OAuth error', async (_, form, headers, status, error) => {
    const reply = await api.requestToken(form, headers);
    expect([reply.status, reply.body.error]).toEqual([status, error]);
    expect(reply.body.error_description).toEqual(expect.any(String));
  });

  it('given another method, when it comes, then it is 405', async () => {
    expect((await api.raw('GET', `${emulator.authUrl}/oauth2/token`)).status).toBe(405);
  });
});

describe('access tokens', () => {
  it.each([
    ['no token', null],
    ['an unknown token', 'odd'],
  ])('given %s, when the API is called, then it is 401 with code 16', async (_, token) => {
    const { status, body } = await api.call('apps', { token });
    expect(status).toBe(401);
    expect(body).toEqual({ code: 16, message: expect.any(String), details: [] });
  });

  it('given a token past its life, when the API is called, then it is 401', async () => {
    const token = await api.token();
    now += 10 * 60_000 - 1;
    expect((await api.call('apps', { token })).status).toBe(200);
    now += 1;
    expect((await api.call('apps', { token })).status).toBe(401);
  });

  it('given expireTokens(), when the API is called, then old tokens are refused and new ones taken', async () => {
    const token = await api.token();
    emulator.expireTokens();
    expect((await api.call('apps', { token })).status).toBe(401);
    expect((await api.call('apps', { token: await api.token() })).status).toBe(200);
  });
});

describe('what the emulator shows', () => {
  it('given requests, when they are listed, then method, path, status and time are there, and no secret', async () => {
    await api.requestToken(FORM, basic(CLIENT.clientId, CLIENT.clientSecret));
    const token = await api.token();
    await api.call('apps/web/secret/kv?q=canary-query', {
      method: 'POST',
      body: { name: 'X', value: 'canary-2' },
      token,
    });
    await api.call('apps/none', { token });
    expect(emulator.requests.map(({ method, status }) => [method, status])).toEqual([
      ['POST', 200],
      ['POST', 200],
      ['POST', 200],
      ['GET', 404],
    ]);
    expect(emulator.requests[0]).toEqual({ method: 'POST', path: '/oauth2/token', status: 200, time: new Date(now) });
    expect(emulator.requests[2]?.path).toMatch(/\/apps\/web\/secret\/kv$/);
    expect(inspect(emulator.requests, { depth: 9 })).not.toMatch(new RegExp(`canary|${token}`));
  });

  it('given an emulator, when it is printed in any way, then no secret shows', () => {
    const texts = [printed(emulator), JSON.stringify({ emulator }), inspect(emulator, { showHidden: true, depth: 9 })];
    for (const text of [...texts, inspect(emulator.environment), inspect({ env: emulator.environment })]) {
      expect(text).not.toContain('canary');
    }
    expect(printed(emulator)).toBe(`[HcpVaultSecretsEmulator ${emulator.apiUrl}]`);
  });

  it('given one app, when the environment is read, then it reaches the emulator and names the app', () => {
    const address = emulator.apiUrl.replace('http://', '');
    expect({ ...emulator.environment }).toEqual({
      HCP_CLIENT_ID: CLIENT.clientId,
      HCP_CLIENT_SECRET: CLIENT.clientSecret,
      HCP_ORGANIZATION_ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      HCP_PROJECT_ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      HCP_API_ADDRESS: address,
      HCP_API_TLS: 'disabled',
      HCP_AUTH_URL: emulator.authUrl,
      HCP_AUTH_TLS: 'disabled',
      HCP_APP_ID: 'web',
    });
    emulator.setSecret('second', 'KEY', 'v');
    expect(emulator.environment).not.toHaveProperty('HCP_APP_ID');
  });
});

/** `String()` of what the compiler thinks has Object's own `toString`. */
const printed = (value: unknown): string => `${value as string}`;
