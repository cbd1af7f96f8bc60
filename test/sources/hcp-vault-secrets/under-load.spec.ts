import type { ReadContext } from '../../../lib/core/source/secret-source.js';
import { asked, cleanUp, context, emulated, failureOf, faked, json, sourceAt, valuesOf } from '../support/hcp.js';
import { startServer } from '../support/server.js';

afterEach(cleanUp);

const kv = (name: string) => ({ name, type: 'kv', static_version: { version: 1, value: `of ${name}` } });
const names = Array.from({ length: 40 }, (_, index) => `K${index}`);
const expected = (but?: string) =>
  Object.fromEntries(names.filter((name) => name !== but).map((name) => [name, `of ${name}`]));
const refused = { code: 14, message: 'canary-message', details: [] };
const dynamic = { type: 'dynamic', values: { key: 'canary-dynamic-value' } } as const;

describe('hcpVaultSecrets: the unit of retry is one request', () => {
  const calls: Record<string, (source: ReturnType<typeof sourceAt>, c: ReadContext) => Promise<unknown>> = {
    'one is read': (source, c) => source.read(['K1'], c),
    'many are read': (source, c) => source.read(names, c),
    'all are read': (source, c) => source.readAll(c),
    'a version is read': (source, c) => source.read(['K1'], { ...c, version: '1' }),
    'one is looked for': (source, c) => source.exists('K1', c),
    'all are listed': (source, c) => source.list(undefined, c),
  };
  for (const [call, ask] of Object.entries(calls)) {
    test.each([500, 502, 503, 429, 408])(
      `given one HTTP %i, when ${call}, then nobody sees it, for one request more`,
      async (status) => {
        let faults = 1;
        const { server, source } = await faked((path, response) => {
          if (faults-- > 0) return json(response, refused, status);
          json(response, path.includes('/versions/') ? { static_version: { value: 'v' } } : { secrets: names.map(kv) });
        });
        const failed = ask(source, context()).then((found) =>
          found instanceof Map ? [...found.values()].filter((one) => 'code' in (one as object)) : [],
        );
        expect(await failed).toEqual([]);
        expect(server.requests.filter(({ path }) => path !== '/oauth2/token')).toHaveLength(2);
      },
    );
  }

  test('given one throttled write, when written, then it is sent again; one that failed otherwise is not, for it may have been done', async () => {
    let status = 429;
    let posts = 0;
    const server = await startServer(({ method, url }, response) => {
      if (url === '/oauth2/token') return json(response, { access_token: 'token', expires_in: 60 });
      if (method === 'GET') return json(response, { secrets: [kv('K1')] });
      posts += 1;
      json(response, refused, posts === 1 ? status : 200);
    });
    const source = sourceAt(server.url);
    await source.write('K1', 'v', context());
    expect(posts).toBe(2);
    [posts, status] = [0, 503];
    expect(await failureOf(source.write('K1', 'v', context()))).toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'possible',
    });
    expect(posts).toBe(1);
  });

  test('given one throttled opening of a dynamic secret, when read, then it is sent again, and credentials are issued once; a failed one is not', async () => {
    const { emulator, source } = await emulated({ D: dynamic });
    await source.list(undefined, context());
    emulator.fail({ status: 429, times: 1, path: '/secrets/D:open' });
    expect((await source.read(['D'], context())).get('D')).toMatchObject({ lease: expect.anything() as unknown });
    expect(emulator.opened('web', 'D')).toBe(1);
    emulator.fail({ status: 500, times: 1, path: '/secrets/D:open' });
    expect((await source.read(['D'], context())).get('D')).toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'possible',
    });
    expect(asked(emulator).filter((request) => request.includes('/secrets/D:open'))).toHaveLength(3);
  });

  test.each([503, 429])('given one HTTP %i of the token endpoint, when read, then nobody sees it', async (status) => {
    let faults = 1;
    const server = await startServer((request, response) => {
      if (request.url !== '/oauth2/token') return json(response, { secrets: [kv('K1')] });
      if (faults-- > 0) return json(response, {}, status);
      json(response, { access_token: 'token', expires_in: 60 });
    });
    expect(valuesOf(await sourceAt(server.url).read(['K1'], context()))).toEqual({ K1: 'of K1' });
    expect(server.requests).toHaveLength(3);
  });

  test('given an attempt without an answer, when its time is over, then another is made, and the call has time for it', async () => {
    let hangs = 1;
    const { source } = await faked((_, response) => hangs-- > 0 || json(response, { secrets: [kv('K1')] }));
    const told: (number | undefined)[] = [];
    const timed = { ...context(), timeout: 200, progress: (later?: number) => void told.push(later) };
    expect(valuesOf(await source.read(['K1'], timed))).toEqual({ K1: 'of K1' });
    expect(told.filter((later) => later !== undefined && later >= 1_000).length).toBeGreaterThan(2);
  });
});

describe('hcpVaultSecrets: one sick secret', () => {
  const sickIn = (sick: string, status = 500) => {
    let requests = 0;
    return {
      count: () => requests,
      answer: (path: string, response: Parameters<typeof json>[0]) => {
        requests += 1;
        const { searchParams } = new URL(path, 'http://hcp');
        const found = names.filter((name) => name.includes(searchParams.get('name_contains') ?? ''));
        const isOpened = path.startsWith('/secrets:open');
        if (isOpened && found.includes(sick)) return json(response, refused, status);
        json(response, { secrets: found.map((name) => (isOpened ? kv(name) : { name, type: 'kv' })) });
      },
    };
  };

  test.each(['K7', 'K0'])(
    'given %s that spoils its page, when many are read, or all, then it alone fails, and the others are delivered',
    async (sick) => {
      const { answer } = sickIn(sick);
      const { source } = await faked(answer);
      const delivered: string[] = [];
      const deliver: ReadContext['deliver'] = (part) => void delivered.push(...part.keys());
      for (const results of [await source.read(names, { ...context(), deliver }), await source.readAll(context())]) {
        expect(results.get(sick)).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: sick });
        const others = new Map([...results].filter(([name]) => name !== sick));
        expect(valuesOf(others)).toEqual(expected(sick));
        expect(results.size).toBe(40);
      }
      expect(delivered).not.toContain(sick);
      expect(delivered.length).toBeGreaterThan(35);
    },
  );

  test('given a service that fails for all, when many are read, then few requests find that out', async () => {
    let requests = 0;
    const { source } = await faked((_, response) => {
      requests += 1;
      json(response, refused, 500);
    });
    const results = await source.read(names, context());
    expect(new Set(Object.values(valuesOf(results)))).toEqual(new Set(['SECRET_SOURCE_UNAVAILABLE']));
    expect(results.size).toBe(40);
    expect(requests).toBeLessThanOrEqual(9);
  });

  test.each([503, 429])(
    'given HTTP %i to all, when many are read again and again, then the first finds it out, and later ones send less',
    async (status) => {
      let requests = 0;
      const { source } = await faked((_, response) => {
        requests += 1;
        json(response, refused, status);
      });
      const counts: number[] = [];
      for (let reading = 0; reading < 3; reading += 1) {
        const before = requests;
        await failureOf(source.read(names, context()));
        counts.push(requests - before);
      }
      expect(counts[0]).toBeLessThanOrEqual(4);
      expect(counts[1]! + counts[2]!).toBeLessThanOrEqual(2);
    },
    15_000,
  );
});

describe('hcpVaultSecrets: known names', () => {
  test('given a dynamic secret among known names, when read again, then one bulk and its own opening, and no look-up', async () => {
    const { emulator, source } = await emulated({
      ...Object.fromEntries(names.map((name) => [name, name])),
      D: dynamic,
    });
    await source.read([...names, 'D'], context());
    const before = asked(emulator).length;
    await source.read([...names, 'D'], context());
    expect(
      asked(emulator)
        .slice(before)
        .map((request) => request.split('?')[0]),
    ).toEqual(['GET /secrets:open', 'GET /secrets/D:open']);
  });

  test('given a bulk and an opening that are about other names, when read, then nothing of them is taken', async () => {
    const { source } = await faked((path, response) =>
      json(response, path.startsWith('/secrets:open') ? { secrets: [kv('OTHER'), kv('k1')] } : { secret: kv('OTHER') }),
    );
    const results = await source.read(['K1', 'K2'], context());
    expect(valuesOf(results)).toEqual({ K1: 'SECRET_SOURCE_UNAVAILABLE', K2: 'SECRET_SOURCE_UNAVAILABLE' });
  });
});
