import { isSecretError } from '../../../lib/core/errors/index.js';
import {
  cleanUp,
  CLIENT_SECRET,
  context,
  emulated,
  failureOf,
  faked,
  json,
  sourceAt,
  TOKEN,
  valuesOf,
} from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer } from '../support/server.js';

afterEach(cleanUp);

const dynamic = { type: 'dynamic', values: { key: 'canary-dynamic-value' } } as const;
const kv = (name: string, value = 'canary-kv-value') => ({ name, type: 'kv', static_version: { version: 1, value } });

describe('hcpVaultSecrets: statuses', () => {
  test.each([
    [400, 'SECRET_CONFIGURATION'],
    [403, 'SECRET_ACCESS_DENIED'],
    [404, 'SECRET_NOT_FOUND'],
    [408, 'SECRET_SOURCE_UNAVAILABLE'],
    [429, 'SECRET_THROTTLED'],
    [500, 'SECRET_SOURCE_UNAVAILABLE'],
    [503, 'SECRET_SOURCE_UNAVAILABLE'],
    [304, 'SECRET_SOURCE_UNAVAILABLE'],
  ])(
    'given %i, when all are read, then it is %s; the text names app, status and what was tried',
    async (status, code) => {
      const { source } = await faked((_, response) => json(response, { code: 7, message: 'canary-message' }, status));
      const error = await failureOf(source.readAll(context()));
      expect(error.code).toBe(code);
      expect(error.message).toContain(`opening the secrets of app "web" was answered with HTTP ${status}`);
      expect(printed(error)).not.toContain('canary');
    },
  );

  test.each([400, 401, 403, 404])(
    'given a page of a gateway with HTTP %i, when read, opened or listed, then the service is unavailable: that is not a verdict on names and rights',
    async (status) => {
      const { server, source } = await faked((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<html>canary-page</html>');
      });
      const unavailable = { code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' };
      for (const work of [() => source.read(['K'], context()), () => source.list(undefined, context())]) {
        const error = await failureOf(work());
        expect(error).toMatchObject(unavailable);
        expect(printed(error)).not.toContain('canary');
      }
      expect(server.requests.filter(({ path }) => path === '/oauth2/token')).toHaveLength(1);
    },
  );

  test.each([401, 403, 404])(
    "given a page of a gateway with HTTP %i in the token endpoint's place, when asked, then nobody's credentials are refused",
    async (status) => {
      const server = await startServer((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<html>canary-page</html>');
      });
      const error = await failureOf(sourceAt(server.url).readAll(context()));
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
      expect(printed(error)).not.toContain('canary');
    },
  );

  test('given a name, when a place is described, then app and address are told', async () => {
    const { emulator, source } = await emulated({});
    expect(source.describe('K')).toEqual([
      { source: 'hcp-vault-secrets', name: 'K', at: `app "web", ${emulator.apiUrl}` },
    ]);
  });

  test.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 21 Oct 2020 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '9'.repeat(400) }, 3_600_000],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{}, undefined],
  ])('given 429 with %j, when read, then it says how long to wait', async (headers, retryAfter) => {
    const { source } = await faked((_, response) => json(response, {}, 429, headers));
    expect((await failureOf(source.readAll(context()))).retryAfter).toBe(retryAfter);
  });

  test('given one name that is denied, when several are read, then it alone fails', async () => {
    const { emulator, source } = await emulated({ A: '1', B: '2', D: dynamic });
    emulator.fail({ status: 403, path: '/secrets/D:open' });
    const results = await source.read(['A', 'B', 'D'], context());
    expect(valuesOf(results)).toEqual({ A: '1', B: '2', D: 'SECRET_ACCESS_DENIED' });
    expect(results.get('D')).toMatchObject({ secretName: 'D' });
  });

  test('given a bulk that fails, when read, then all fails without effect; a dynamic name that is known is still opened', async () => {
    const { emulator, source } = await emulated({ A: '1', B: '2', D: dynamic });
    await source.list(undefined, context());
    emulator.fail({ status: 503, path: '/secrets:open' });
    await expect(source.read(['A', 'B'], context())).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'none',
    });
    const results = await source.read(['A', 'B', 'D'], context());
    expect(valuesOf(results)).toEqual({
      A: 'SECRET_SOURCE_UNAVAILABLE',
      B: 'SECRET_SOURCE_UNAVAILABLE',
      D: expect.anything(),
    });
    expect(results.get('B')).toMatchObject({ secretName: 'B', effect: 'none' });
  });

  test('given an app that is gone, when static and known dynamic names are read, then the reading fails as a whole: nothing says that the names are', async () => {
    const { emulator, source } = await emulated({ A: '1', D: dynamic });
    await source.list(undefined, context());
    emulator.fail({ status: 404, path: '/secrets:open' });
    await expect(source.read(['A', 'D'], context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    await expect(source.read(['A'], context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given a server that throttles, when many are opened one by one, then the rest is not asked for', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `D${i}`);
    const { server, source } = await faked((path, response) =>
      path.startsWith('/secrets:open')
        ? json(response, { secrets: [] })
        : json(response, {}, 429, { 'retry-after': '1' }),
    );
    const results = await source.read(names, context());
    expect(valuesOf(results)).toEqual(Object.fromEntries(names.map((name) => [name, 'SECRET_THROTTLED'])));
    expect(results.get('D39')).toMatchObject({ secretName: 'D39', retryAfter: 1000 });
    expect(server.requests.length).toBeLessThan(20);
  });
});

describe('hcpVaultSecrets: answers that are not as they should be', () => {
  test.each([
    ['nothing', {}],
    ['no secret', { secret: null }],
    ['a list', [1]],
    ['null', null],
    ['no value', { secret: { name: 'K', type: 'kv', static_version: { version: 1 } } }],
    ['a value that is not a string', { secret: { name: 'K', type: 'kv', static_version: { value: 7 } } }],
    ['no version', { secret: { name: 'K', type: 'kv' } }],
    ['no values', { secret: { name: 'K', type: 'rotating', rotating_version: { keys: ['a'] } } }],
    ['no instance', { secret: { name: 'K', type: 'dynamic' } }],
    ['an unknown type', { secret: { name: 'K', type: 'quantum' } }],
  ])('given %s, when one is opened, then it is an error of that name', async (_, body) => {
    const { source } = await faked((path, response) => json(response, path.startsWith('/secrets:open') ? {} : body));
    const error = (await source.read(['K'], context())).get('K');
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'K' });
  });

  test.each([
    ['null', null],
    ['a list', []],
    ['text', 'canary'],
    ['somebody else’s JSON', { status: 'ok' }],
    ['secrets that are not a list', { secrets: { K: 'canary' } }],
  ])(
    'given %s in place of a page, when read, listed and looked for, then there are not no secrets',
    async (_, body) => {
      const { source } = await faked((__, response) => json(response, body));
      const calls = [source.readAll(context()), source.list(undefined, context()), source.exists('K', context())];
      for (const call of calls) expect(await failureOf(call)).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    },
  );

  test('given a gateway whose 404 is JSON, when read and looked for, then that is not a verdict on what there is', async () => {
    const { source } = await faked((_, response) => json(response, { message: 'no Route matched' }, 404));
    for (const call of [source.readAll(context()), source.exists('K', context())])
      expect(await failureOf(call)).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
  });

  test.each([
    ['no value', { name: 'K', type: 'kv', static_version: { version: 1 } }],
    ['no values', { name: 'K', type: 'rotating', rotating_version: { keys: ['a'] } }],
    ['an unknown type', { name: 'K', type: 'quantum' }],
    ['a name alone', { name: 'K' }],
  ])(
    'given %s in a bulk, when one is read, then it is an error of that name without effect, and it is not opened',
    async (_, secret) => {
      const { server, source } = await faked((__, response) => json(response, { secrets: [secret] }));
      const error = (await source.read(['K'], context())).get('K');
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'K', effect: 'none' });
      expect(server.requests.filter(({ path }) => path !== '/oauth2/token')).toHaveLength(1);
    },
  );

  test('given a version’s answer without a value, when opened, then it is an error of that name', async () => {
    const { source } = await faked((_, response) => json(response, null));
    const results = await source.read(['K'], { ...context(), version: '1' });
    expect(valuesOf(results)).toEqual({ K: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(results.get('K')).toMatchObject({ effect: 'none' });
  });

  test('given fields that are missing or int64 as text, when opened, then the value is there all the same', async () => {
    const secrets: Record<string, object> = {
      A: { static_version: { value: 'a', version: '12' } },
      B: { name: 'B', type: 'kv', latest_version: 7, static_version: { value: '' } },
      C: { rotating_version: { values: {} }, latest_version: '9' },
      D: { type: 'dynamic', dynamic_instance: { values: { a: 'b' }, ttl: '1h30m' } },
      E: { type: 'dynamic', dynamic_instance: { values: { a: 'b' }, created_at: 'x', expires_at: 'y' } },
      F: {
        type: 'dynamic',
        dynamic_instance: {
          values: {},
          created_at: '2026-01-01T00:00:00Z',
          expires_at: '2026-01-01T00:00:10Z',
          ttl: '3600s',
        },
      },
    };
    const { source } = await faked((path, response) => {
      const name = /^\/secrets\/(\w)/.exec(path)?.[1];
      json(response, name ? { secret: { name, ...secrets[name] } } : { secrets: [] });
    });
    const open = async (name: string) => (await source.read([name], context())).get(name);
    expect(await open('A')).toMatchObject({ version: '12', value: 'a', createdAt: undefined });
    expect(await open('B')).toMatchObject({ version: '7', value: '' });
    expect(await open('C')).toMatchObject({ version: '9', value: { values: {} } });
    expect(await open('D')).toMatchObject({ lease: { duration: 5_400_000 } });
    expect(await open('E')).toMatchObject({ lease: { duration: 3_600_000 }, createdAt: undefined });
    expect(await open('F')).toMatchObject({ lease: { duration: 10_000 } });
  });

  test('given a bulk with secrets that are unusable, when all are read, then those with a name are errors of their own', async () => {
    const { source } = await faked((_, response) =>
      json(response, { secrets: [null, {}, 7, { name: 'X', type: 'kv' }, kv('A')] }),
    );
    const expected = { A: 'canary-kv-value', X: 'SECRET_SOURCE_UNAVAILABLE' };
    expect(valuesOf(await source.readAll(context()))).toEqual(expected);
    expect(valuesOf(await source.read(['X', 'A'], context()))).toEqual(expected);
  });

  test('given a value with a number that no double holds, or nested without end, when read, then it is that secret’s error alone', async () => {
    const rotating = (name: string, values: string) =>
      `{"name":"${name}","type":"rotating","rotating_version":{"version":1,"values":${values}}}`;
    const deep = `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`;
    const secrets = [rotating('BAD', '{"n":1e999}'), rotating('DEEP', deep), JSON.stringify(kv('A'))].join(',');
    const { source } = await faked((_, response) => void response.end(`{"secrets":[${secrets}]}`));
    const expected = { A: 'canary-kv-value', BAD: 'SECRET_CONFIGURATION', DEEP: 'SECRET_CONFIGURATION' };
    expect(valuesOf(await source.readAll(context()))).toEqual(expected);
    expect(valuesOf(await source.read(['A', 'BAD', 'DEEP'], context()))).toEqual(expected);
  });

  test('given a dynamic secret whose value can’t be read, when opened, then credentials may have been issued', async () => {
    const instance = '{"values":{"n":1e999},"ttl":"3600s"}';
    const { source } = await faked((path, response) =>
      path.startsWith('/secrets/D:open')
        ? void response.end(`{"secret":{"name":"D","type":"dynamic","dynamic_instance":${instance}}}`)
        : json(response, { secrets: [] }),
    );
    const answer = await source.read(['D'], context());
    expect(answer.get('D')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'possible', secretName: 'D' });
  });

  test.each([
    [`${'9'.repeat(400)}s`, 'no time', 3_600_000],
    ['60s', '+999999-01-01T00:00:00Z', 60_000],
  ])(
    'given a ttl of %.8s… and dates that are %s, when opened, then its lease is finite',
    async (ttl, date, duration) => {
      const dynamic_instance = { values: { a: 'b' }, ttl, created_at: date, expires_at: date };
      const { source } = await faked((path, response) =>
        json(
          response,
          path.startsWith('/secrets/D:open')
            ? { secret: { name: 'D', type: 'dynamic', dynamic_instance } }
            : { secrets: [] },
        ),
      );
      expect((await source.read(['D'], context())).get('D')).toMatchObject({
        lease: { duration },
        createdAt: undefined,
        expiresAt: undefined,
      });
    },
  );

  test('given a page token that can’t be sent, when all are read, then that is an error of ours', async () => {
    const { source } = await faked((_, response) => json(response, { pagination: { next_page_token: 'a\ud800' } }));
    expect((await failureOf(source.readAll(context()))).code).toBe('SECRET_SOURCE_UNAVAILABLE');
  });

  test.each([
    ['the same page for ever', () => 'same'],
    ['two pages in turn', (n: number) => `page-${n % 2}`],
  ])('given %s, when all are read, then it ends with an error', async (_, token) => {
    let n = 0;
    const { source } = await faked((__, response) =>
      json(response, { secrets: [kv('A')], pagination: { next_page_token: token(n++) } }),
    );
    expect((await failureOf(source.readAll(context()))).message).toContain('does not end');
    expect(n).toBeLessThan(5);
  });

  test('given a page token with odd characters, when followed, then it arrives as it was', async () => {
    const { server, source } = await faked((path, response) =>
      json(response, path.includes('next_page_token') ? {} : { pagination: { next_page_token: 'a+/=&b' } }),
    );
    await source.readAll(context());
    expect(new URL(server.requests.at(-1)!.path, server.url).searchParams.get('pagination.next_page_token')).toBe(
      'a+/=&b',
    );
  });
});

describe('hcpVaultSecrets: nothing leaks', () => {
  test('given a redirect to another origin, when read, then no token goes there', async () => {
    const other = await startServer((_, response) => response.end('{}'));
    const { source } = await faked((_, response) => response.writeHead(307, { location: `${other.url}/x` }).end());
    const error = await failureOf(source.readAll(context()));
    expect(error.message).toContain('which is not followed');
    expect(other.requests).toEqual([]);
  });

  test('given a source that has read, when it, its client or an error is printed, then no canary shows', async () => {
    const { source } = await faked((path, response) => {
      if (path.startsWith('/secrets:open')) json(response, { secrets: [kv('A'), kv('B')] });
      else json(response, { message: `canary-message ${TOKEN}` }, 500);
    });
    const results = await source.read(['A', 'B', 'C'], context());
    const error = results.get('C');
    expect(isSecretError(error)).toBe(true);
    for (const holder of [source, error, results, ...results.values()]) {
      const text = printed(holder);
      for (const canary of [CLIENT_SECRET, TOKEN, 'canary']) expect(text).not.toContain(canary);
    }
    expect(printed(source)).toContain('[secrets hcp-vault-secrets]');
  });
});
