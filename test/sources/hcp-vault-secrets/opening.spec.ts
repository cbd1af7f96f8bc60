import { asked, cleanUp, context, emulated, failureOf, faked, json, sourceAt, valuesOf } from '../support/hcp.js';
import { startServer } from '../support/server.js';

afterEach(cleanUp);

const BULK = 'GET /secrets:open';
const dynamic = { type: 'dynamic', values: { key: 'canary-dynamic-value' } } as const;
const kv = (name: string, value = 'canary-kv-value') => ({ name, type: 'kv', static_version: { version: 1, value } });

describe('hcpVaultSecrets: dynamic secrets are never opened for nothing', () => {
  test.each([
    ['a 503', { status: 503 }, 'possible'],
    ['a cut-off answer', { cut: true }, 'possible'],
  ])(
    'given %s, when a dynamic secret is opened, then an effect is possible, and nothing is sent again',
    async (_, fault, effect) => {
      const { emulator, source } = await emulated({ D: dynamic });
      await source.list(undefined, context());
      emulator.fail({ ...fault, path: '/secrets/D:open' });
      expect((await source.read(['D'], context())).get('D')).toMatchObject({
        code: 'SECRET_SOURCE_UNAVAILABLE',
        effect,
        secretName: 'D',
      });
      expect(asked(emulator)).toEqual(['GET /secrets', 'GET /secrets/D:open']);
      expect(emulator.opened('web', 'D')).toBeLessThanOrEqual(1);
    },
  );

  test('given a server that takes the request and never answers, when aborted, then an effect is possible', async () => {
    const controller = new AbortController();
    const { source } = await faked((path, response) => {
      if (path.startsWith('/secrets:open')) json(response, { secrets: [] });
      else controller.abort();
    });
    await expect(source.read(['D'], { signal: controller.signal })).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'possible',
    });
  });

  test('given broken JSON, when a dynamic secret is opened, then an effect is possible; of a static one none is', async () => {
    const { source } = await faked((path, response) => {
      if (path.startsWith('/secrets?'))
        json(response, {
          secrets: [
            { name: 'K', type: 'kv' },
            { name: 'D', type: 'dynamic' },
          ],
        });
      else response.end('{"secret": {"canary');
    });
    await source.list(undefined, context());
    expect((await source.read(['D'], context())).get('D')).toMatchObject({ effect: 'possible' });
    await expect(source.read(['K'], context())).rejects.toMatchObject({ effect: 'none' });
  });

  test('given no server, or no token, when a dynamic secret is opened, then there was no effect', async () => {
    const list = { secrets: [{ name: 'D', type: 'dynamic' }] };
    const { server, source } = await faked((_, response) => json(response, list));
    await source.list(undefined, context());
    await server.stop();
    expect((await source.read(['D'], context())).get('D')).toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'none',
    });

    const auth = await startServer((_, response) => json(response, {}, 500));
    await expect(sourceAt(auth.url).read(['D'], context())).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'none',
    });
  });

  test('given a connection that breaks without an answer, when static secrets are read, then they are asked for once more; a dynamic one is not', async () => {
    let api = 0;
    const { source } = await faked((path, response) => {
      if (++api === 1 || path.startsWith('/secrets/D')) response.destroy();
      else json(response, { secrets: [kv('A'), kv('B')] });
    });
    expect(valuesOf(await source.read(['A', 'B'], context()))).toEqual({ A: 'canary-kv-value', B: 'canary-kv-value' });
    expect((await source.read(['D'], context())).get('D')).toMatchObject({ effect: 'possible' });
    expect(api).toBe(4); // bulk, once more, the look-up of D, its opening
  });

  test('given a server that ignores the filter of types, when read in bulk, then what it opened unasked is not taken', async () => {
    const { source } = await faked((_, response) =>
      json(response, { secrets: [kv('A'), { name: 'D', type: 'dynamic', dynamic_instance: { values: { a: 'b' } } }] }),
    );
    expect([...(await source.readAll(context())).keys()]).toEqual(['A']);
  });
});

describe('hcpVaultSecrets: an unknown name is looked for where nothing is opened', () => {
  test('given one unknown static secret, when read, then one API request, for its name and for static types alone', async () => {
    const { server, source } = await faked((_, response) => json(response, { secrets: [kv('a &b')] }));
    expect(valuesOf(await source.read(['a &b'], context()))).toEqual({ 'a &b': 'canary-kv-value' });
    const [token, look, ...more] = server.requests;
    expect([token?.path, more]).toEqual(['/oauth2/token', []]);
    expect(look?.path.split('/secrets:open')[1]).toBe(
      '?types=kv&types=rotating&name_contains=a%20%26b&pagination.page_size=100',
    );
  });

  test('given several unknown names, when read, then the bulk is not narrowed down', async () => {
    const { server, source } = await faked((_, response) => json(response, { secrets: [kv('A'), kv('B')] }));
    await source.read(['A', 'B'], context());
    expect(server.requests.at(-1)?.path).not.toContain('name_contains');
  });

  test.each([
    ['a 500', { status: 500 }],
    ['a cut-off answer', { cut: true }],
  ])(
    'given %s to the look-up, when an unknown dynamic secret is read, then no effect, and none is opened',
    async (_, fault) => {
      const { emulator, source } = await emulated({ D: dynamic });
      emulator.fail({ ...fault, path: '/secrets:open' });
      await expect(source.read(['D'], context())).rejects.toMatchObject({
        code: 'SECRET_SOURCE_UNAVAILABLE',
        effect: 'none',
      });
      expect(asked(emulator)).toEqual([BULK, BULK, BULK]); // three attempts: it is harmless
      expect(emulator.opened('web', 'D')).toBe(0);

      emulator.recover();
      expect((await source.read(['D'], context())).get('D')).toMatchObject({ lease: expect.anything() });
      expect(emulator.opened('web', 'D')).toBe(1);
    },
  );

  test('given a look-up that hangs, when an unknown dynamic secret is read and time is over, then no effect, and none is opened', async () => {
    const { emulator, source } = await emulated({ D: dynamic });
    emulator.fail({ hang: true, path: '/secrets:open' });
    const controller = new AbortController();
    const reading = failureOf(source.read(['D'], { signal: controller.signal }));
    while (!asked(emulator).includes(BULK)) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    expect(await reading).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given an unknown dynamic secret whose own opening is cut off, when read, then an effect is possible, and it was opened once', async () => {
    const { emulator, source } = await emulated({ D: dynamic });
    emulator.fail({ cut: true, path: '/secrets/D:open' });
    expect((await source.read(['D'], context())).get('D')).toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'possible',
    });
    expect(asked(emulator)).toEqual([BULK, 'GET /secrets/D:open']);
    expect(emulator.opened('web', 'D')).toBe(1);
  });

  test('given a static secret made anew as a dynamic one, when read, then its opening that is cut off had a possible effect, and is not repeated', async () => {
    const { emulator, source } = await emulated({ K: 'value' });
    expect(valuesOf(await source.read(['K'], context()))).toEqual({ K: 'value' });
    emulator.removeSecret('web', 'K');
    emulator.setSecret('web', 'K', dynamic);
    emulator.fail({ cut: true, times: 1, path: '/secrets/K:open' });
    expect((await source.read(['K'], context())).get('K')).toMatchObject({ effect: 'possible' });
    expect(emulator.opened('web', 'K')).toBe(1);
    expect((await source.read(['K'], context())).get('K')).toMatchObject({ lease: expect.anything() });
  });

  test('given a dynamic secret made anew as a static one, when read, then it has its value, and is looked for in bulk from then on', async () => {
    const { emulator, source } = await emulated({ D: dynamic });
    await source.read(['D'], context());
    emulator.removeSecret('web', 'D');
    emulator.setSecret('web', 'D', 'static');
    expect(valuesOf(await source.read(['D'], context()))).toEqual({ D: 'static' });
    expect(valuesOf(await source.read(['D'], context()))).toEqual({ D: 'static' });
    expect(asked(emulator)).toEqual([BULK, 'GET /secrets/D:open', 'GET /secrets/D:open', BULK]);
  });

  test('given a dynamic secret that was removed, or made anew as a static one, when written, then what is remembered of it is no reason to refuse', async () => {
    const { emulator, source } = await emulated({ D: dynamic });
    await source.read(['D'], context());
    emulator.removeSecret('web', 'D');
    await source.write('D', 'one', context());
    await source.write('D', 'two', context());
    const results = await source.read(['D'], context());
    expect(results.get('D')).toMatchObject({ value: 'two', version: '2' });
  });

  test('given names that contain the one asked for, when read, then only an exact match counts, on whichever page', async () => {
    const others = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`A_KEY_${i}`, 'other']));
    const { emulator, source } = await emulated({ ...others, KEY: 'value' });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'value' });
    expect(asked(emulator)).toEqual([BULK, BULK]);
    expect(valuesOf(await source.read(['KE'], context()))).toEqual({});
  });

  test('given a server that ignores name_contains, when read, then the pages are followed as far as needed', async () => {
    const { server, source } = await faked((path, response) => {
      const page = Number(/next_page_token=(\d)/.exec(path)?.[1] ?? 0);
      json(response, { secrets: [kv(`K${page}`)], pagination: { next_page_token: String(page + 1) } });
    });
    expect(valuesOf(await source.read(['K2'], context()))).toEqual({ K2: 'canary-kv-value' });
    const looks = server.requests.filter(({ path }) => path.includes('/secrets:open'));
    expect(looks).toHaveLength(3);
    expect(looks.every(({ path }) => path.includes('types=kv&types=rotating&name_contains=K2'))).toBe(true);
  });

  test('given a later page that fails, when an unknown dynamic secret is looked for, then no effect, and it is not opened', async () => {
    const { server, source } = await faked((path, response) =>
      path.includes('next_page_token')
        ? json(response, {}, 503)
        : json(response, { secrets: [kv('MY_D')], pagination: { next_page_token: '1' } }),
    );
    await expect(source.read(['D'], context())).rejects.toMatchObject({ effect: 'none' });
    expect(server.requests.some(({ path }) => path.includes('/secrets/D:open'))).toBe(false);
  });

  test('given a server that finds a static secret by its own name alone, when read, then it is opened by itself', async () => {
    const { source } = await faked((path, response) =>
      json(response, path.startsWith('/secrets:open') ? { secrets: [] } : { secret: kv('K') }),
    );
    expect(valuesOf(await source.read(['K'], context()))).toEqual({ K: 'canary-kv-value' });
  });
});
