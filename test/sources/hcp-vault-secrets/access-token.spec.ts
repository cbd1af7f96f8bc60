import { SecretAuthenticationError } from '../../../lib/core/errors/index.js';
import { AccessTokens } from '../../../lib/sources/hcp-vault-secrets/access-token.js';
import { ClientCredentials } from '../../../lib/sources/hcp-vault-secrets/client-credentials.js';
import { HttpTransport } from '../../../lib/sources/http/index.js';
import { asked, cleanUp, CLIENT_SECRET, context, emulated, failureOf, faked, json, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer } from '../support/server.js';

const transports: HttpTransport[] = [];
afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  await cleanUp();
});

/** Tokens of a server under a clock that only the test moves; the n-th token is `token-n`. */
async function tokens(
  answer: (n: number) => { status?: number; body?: unknown; headers?: Record<string, string> } | undefined,
) {
  let n = 0;
  const server = await startServer((_, response) => {
    n += 1;
    const { status = 200, body = { access_token: `token-${n}`, expires_in: 3600 }, headers = {} } = answer(n) ?? {};
    json(response, body, status, headers);
  });
  const transport = new HttpTransport({ url: server.url, urlOption: 'authUrl', sourceKind: 'hcp-vault-secrets' });
  transports.push(transport);
  const clock = { now: 0 };
  const subject = new AccessTokens(transport, new ClientCredentials('id :%+é', CLIENT_SECRET), () => clock.now);
  return { server, subject, clock, get: () => subject.get(context().signal) };
}

describe('the access token', () => {
  test('given credentials, when asked for, then they go as HTTP Basic, form-encoded, with audience and grant in the body', async () => {
    const { server, get } = await tokens(() => undefined);
    expect(await get()).toBe('token-1');
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/oauth2/token',
      body: 'grant_type=client_credentials&audience=https%3A%2F%2Fapi.hashicorp.cloud',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const pair = Buffer.from(request!.headers.authorization!.replace('Basic ', ''), 'base64').toString();
    expect(pair).toBe(`id+%3A%25%2B%C3%A9:${CLIENT_SECRET}`);
  });

  test('given an hour, when used, then it is kept, renewed behind the back in its last minute, and waited for at its end', async () => {
    const { server, clock, get } = await tokens(() => undefined);
    await get();
    clock.now = 3_539_000;
    expect(await get()).toBe('token-1');
    expect(server.requests).toHaveLength(1);

    clock.now = 3_541_000;
    expect(await get()).toBe('token-1');
    expect(await Promise.all([get(), get()])).toEqual(['token-1', 'token-1']);
    clock.now = 3_600_001; // joins the flight that has begun
    expect(await get()).toBe('token-2');
    expect(server.requests).toHaveLength(2);

    clock.now = 20_000_000;
    expect(await get()).toBe('token-3');
  });

  test('given a life of two seconds, when used, then 80 % of it are used as they are', async () => {
    const { server, clock, get } = await tokens((n) => ({ body: { access_token: `token-${n}`, expires_in: 2 } }));
    await get();
    clock.now = 1599;
    await get();
    expect(server.requests).toHaveLength(1);
    clock.now = 2001;
    expect(await get()).toBe('token-2');
  });

  test.each([
    ['missing', undefined, 299_000, 300_001],
    ['text', '60', 47_000, 60_001],
    ['zero', 0, undefined, 0],
  ])('given an expires_in that is %s, when used, then it has a sane life', async (_, expires_in, still, over) => {
    const { clock, get } = await tokens((n) => ({ body: { access_token: `token-${n}`, expires_in } }));
    expect(await get()).toBe('token-1');
    if (still !== undefined) {
      clock.now = still;
      expect(await get()).toBe('token-1');
    }
    clock.now = over;
    expect(await get()).not.toBe('token-1');
  });

  test.each(['soon', null, -5, '1e999'])(
    'given a life of %j, when used, then the token is kept for five minutes',
    async (life) => {
      const { server, clock, get } = await tokens((n) => ({ body: { access_token: `token-${n}`, expires_in: life } }));
      expect(await get()).toBe('token-1');
      clock.now = 200_000;
      expect(await get()).toBe('token-1');
      expect(server.requests).toHaveLength(1);
    },
  );

  test('given a renewal that fails, when the token still serves, then nobody notices', async () => {
    const { clock, get } = await tokens((n) => (n === 2 ? { status: 500, body: {} } : undefined));
    await get();
    clock.now = 3_550_000;
    expect(await get()).toBe('token-1');
    clock.now = 3_600_001;
    expect(await get().catch(() => get())).toBe('token-3');
  });

  test('given 100 reads at once, when there is no token, then one is fetched', async () => {
    const { emulator, source } = await emulated({ KEY: 'value' });
    const all = await Promise.all(Array.from({ length: 100 }, () => source.read(['KEY'], context())));
    expect(all.map(valuesOf)).toEqual(all.map(() => ({ KEY: 'value' })));
    expect(emulator.requests.filter(({ path }) => path === '/oauth2/token')).toHaveLength(1);
  });

  test('given a caller who aborts, when others wait for the same token, then they get it', async () => {
    const waiting: (() => void)[] = [];
    const { server, source } = await faked((_, response) =>
      json(response, { secrets: [{ name: 'KEY', static_version: { value: 'v' } }] }),
    );
    const controller = new AbortController();
    const original = server.requests.push.bind(server.requests);
    server.requests.push = (request) => {
      if (request.path === '/oauth2/token') waiting.splice(0).forEach((leave) => leave());
      return original(request);
    };
    waiting.push(() => controller.abort());
    const [gone, stayed] = await Promise.all([
      failureOf(source.read(['KEY'], { signal: controller.signal })),
      source.read(['KEY'], context()),
    ]);
    expect(gone).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(valuesOf(stayed)).toEqual({ KEY: 'v' });
    expect(server.requests.filter(({ path }) => path === '/oauth2/token')).toHaveLength(1);
  });

  test('given a token that is refused in mid-flight, when read, then one new one is fetched and the call is made once more', async () => {
    const { emulator, source } = await emulated({ KEY: 'value', D: { type: 'dynamic', values: { a: 'b' } } });
    await source.list(undefined, context());
    emulator.expireTokens();
    expect(valuesOf(await source.read(['D'], context()))).toEqual({
      D: expect.objectContaining({ values: { a: 'b-1' } }),
    });
    expect(asked(emulator)).toEqual(['GET /secrets', 'GET /secrets/D:open', 'GET /secrets/D:open']);
    expect(emulator.opened('web', 'D')).toBe(1);
  });

  test('given an API that refuses every token, when read, then it is an authentication error after two tries', async () => {
    const { server, source } = await faked((_, response) => json(response, { code: 16, message: 'no' }, 401));
    const error = await failureOf(source.readAll(context()));
    expect(error).toBeInstanceOf(SecretAuthenticationError);
    expect(server.requests.filter(({ path }) => path !== '/oauth2/token')).toHaveLength(2);
  });

  test.each([
    [400, 'SECRET_AUTHENTICATION'],
    [401, 'SECRET_AUTHENTICATION'],
    [403, 'SECRET_AUTHENTICATION'],
    [429, 'SECRET_THROTTLED'],
    [503, 'SECRET_SOURCE_UNAVAILABLE'],
  ])(
    'given a token endpoint that answers %i, when asked, then it is %s, and says nothing of the answer',
    async (status, code) => {
      const { get, server } = await tokens(() => ({
        status,
        body: { error: CLIENT_SECRET },
        headers: { 'retry-after': '7' },
      }));
      const error = await failureOf(get());
      expect(error.code).toBe(code);
      expect(error.message).toContain(server.url);
      expect(error.message).toContain(String(status));
      expect(printed(error)).not.toContain(CLIENT_SECRET);
      if (status === 429) expect(error.retryAfter).toBe(7000);
    },
  );

  test.each([[{}], [null], [[]], [{ access_token: '' }], [{ access_token: 'a\nb' }], [{ access_token: 7 }]])(
    'given %j in place of a token, when asked, then the source is unavailable',
    async (body) => {
      const { get } = await tokens(() => ({ body }));
      expect(await failureOf(get())).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    },
  );

  test('given tokens and credentials, when printed, then they show nothing', async () => {
    const { subject, get } = await tokens(() => undefined);
    await get();
    expect(printed(subject)).not.toMatch(/token-1|canary/);
    expect(printed(new ClientCredentials('id', CLIENT_SECRET))).not.toContain(CLIENT_SECRET);
  });
});
