import { Lease } from '../../../lib/core/secret/lease.js';
import type { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import { hcpVaultSecrets } from '../../../lib/sources/hcp-vault-secrets/index.js';
import {
  asked,
  cleanUp,
  context,
  emulated,
  failureOf,
  faked,
  json,
  ROOT,
  sourceAt,
  TOKEN,
  valuesOf,
} from '../support/hcp.js';

afterEach(cleanUp);

const BULK = 'GET /secrets:open';
const dynamic = { type: 'dynamic', values: { access_key_id: 'AKIA', secret: 's' }, ttl: '900s' } as const;
const rotating = { type: 'rotating', values: { user: 'u', password: 'p' } } as const;
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`KEY_${String(i).padStart(3, '0')}`, `v${i}`]));

describe('hcpVaultSecrets: read', () => {
  test('given one unknown static name, when read, then one request does, now and again', async () => {
    const { emulator, source } = await emulated({ KEY: 'value', OTHER: 'x' });
    const results = await source.read(['KEY'], context());
    expect(valuesOf(results)).toEqual({ KEY: 'value' });
    expect(results.get('KEY')).toMatchObject({ version: '1', createdAt: expect.any(Date), lease: undefined });
    expect(asked(emulator)).toEqual([BULK]);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'value' });
    expect(asked(emulator)).toEqual([BULK, BULK]);
  });

  test('given several static names, when read, then one bulk does, and it opens nothing dynamic', async () => {
    const { emulator, source } = await emulated({ A: '1', B: '2', R: rotating, D: dynamic });
    const results = await source.read(['A', 'B', 'R'], context());
    expect(valuesOf(results)).toEqual({
      A: '1',
      B: '2',
      R: expect.objectContaining({ values: rotating.values, version: 1 }),
    });
    expect(asked(emulator)).toEqual([BULK]);
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given static, dynamic and missing names, when read, then the bulk is followed by what it did not hold', async () => {
    const { emulator, source } = await emulated({ A: '1', B: '2', D: dynamic });
    const results = await source.read(['A', 'D', 'NONE'], context());
    expect(valuesOf(results)).toEqual({
      A: '1',
      D: expect.objectContaining({ values: { access_key_id: 'AKIA-1', secret: 's-1' } }),
    });
    expect(asked(emulator).sort()).toEqual(['GET /secrets/D:open', 'GET /secrets/NONE:open', BULK]);
  });

  test('given a bulk, when sent, then it asks for static and rotating secrets alone, in large pages, with its token', async () => {
    const { server, source } = await faked((_, response) => json(response, {}));
    await source.readAll(context());
    await source.exists('a b', context());
    expect(server.requests.slice(1).map(({ path }) => path.slice(ROOT.length))).toEqual([
      '/secrets:open?types=kv&types=rotating&pagination.page_size=100',
      '/secrets?name_contains=a%20b&pagination.page_size=100',
    ]);
    expect(server.requests[1]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test('given a dynamic name that is known, when read again, then it alone is asked for, once', async () => {
    const { emulator, source } = await emulated({ A: '1', D: dynamic });
    await source.read(['D'], context());
    expect(asked(emulator)).toEqual([BULK, 'GET /secrets/D:open']);
    await source.read(['D'], context());
    await source.read(['A', 'D'], context());
    expect(asked(emulator).slice(2)).toEqual(['GET /secrets/D:open', BULK, 'GET /secrets/D:open']);
    expect(emulator.opened('web', 'D')).toBe(3);
  });

  test('given a dynamic secret, when opened twice, then it has a lease by the server’s clock, and two versions', async () => {
    const { source } = await emulated({ D: dynamic });
    const first = (await source.read(['D'], context())).get('D') as SecretVersion;
    const second = (await source.read(['D'], context())).get('D') as SecretVersion;
    expect(first.lease).toEqual(Lease.of({ duration: 900_000, renewable: false }));
    expect(first.expiresAt!.getTime() - first.createdAt!.getTime()).toBe(900_000);
    expect(first.version).not.toBe(second.version);
  });

  test('given pages, when read, then all are followed, and no further than needed', async () => {
    const { emulator, source } = await emulated(many(250));
    expect(valuesOf(await source.read(['KEY_000', 'KEY_249'], context()))).toEqual({ KEY_000: 'v0', KEY_249: 'v249' });
    expect(asked(emulator)).toHaveLength(3);
    await source.read(['KEY_000', 'KEY_001'], context());
    expect(asked(emulator)).toHaveLength(4);
    expect((await source.readAll(context())).size).toBe(250);
    expect(asked(emulator)).toHaveLength(7);
  });

  test('given a rotation, when read, then the version counts; older ones are read by number', async () => {
    const { emulator, source } = await emulated({ KEY: 'one', R: rotating });
    emulator.rotate('web', 'KEY', 'two');
    emulator.rotate('web', 'R', { user: 'u2', password: 'p2' });

    const now = await source.read(['KEY', 'R'], context());
    expect([now.get('KEY'), now.get('R')]).toMatchObject([{ version: '2' }, { version: '2' }]);
    const before = await source.read(['KEY', 'R', 'NONE'], { ...context(), version: '1' });
    expect(valuesOf(before)).toEqual({ KEY: 'one', R: expect.objectContaining({ values: rotating.values }) });
    expect([before.get('KEY'), before.get('R')]).toMatchObject([{ version: '1' }, { version: '1' }]);
    expect(asked(emulator)).toContain('GET /secrets/KEY/versions/1:open');
  });

  test('given a version that is not a number, or of a dynamic secret, when read, then it is that name’s error; an unknown number is absent', async () => {
    const { emulator, source } = await emulated({ KEY: 'one', D: dynamic });
    expect(valuesOf(await source.read(['KEY'], { ...context(), version: 'AWSPREVIOUS' }))).toEqual({
      KEY: 'SECRET_CONFIGURATION',
    });
    expect(valuesOf(await source.read(['KEY'], { ...context(), version: '7' }))).toEqual({});
    expect(valuesOf(await source.read(['D'], { ...context(), version: '1' }))).toEqual({ D: 'SECRET_CONFIGURATION' });
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given names with odd characters, when read, then they are encoded, and dot segments never sent', async () => {
    const names = ['ü ?#', '100%', 'x:open', '..x', 'x..', '...', 'a+b', '__proto__'];
    const { emulator, source } = await emulated(Object.fromEntries(names.map((name) => [name, name])));
    for (const name of names) expect(valuesOf(await source.read([name], context()))).toEqual({ [name]: name });
    const before = emulator.requests.length;
    expect(valuesOf(await source.read(['', '.', '..'], context()))).toEqual({
      '': 'SECRET_CONFIGURATION',
      '.': 'SECRET_CONFIGURATION',
      '..': 'SECRET_CONFIGURATION',
    });
    await expect(source.exists('..', context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(emulator.requests).toHaveLength(before);
  });

  test('given names with half a character among good ones, when read, looked for, listed or written, then they alone are refused, unsent', async () => {
    const { emulator, source } = await emulated({ A: '1', D: dynamic });
    const bad = ['\ud800', 'A\udc00'];
    const codes = Object.fromEntries(bad.map((name) => [name, 'SECRET_NOT_FOUND']));
    expect(valuesOf(await source.read(['A', ...bad], context()))).toEqual({ A: '1', ...codes });
    const before = emulator.requests.length;
    expect(valuesOf(await source.read(bad, context()))).toEqual(codes);
    expect(valuesOf(await source.read(bad, { ...context(), version: '1' }))).toEqual(codes);
    for (const name of bad) {
      expect(await source.exists(name, context())).toBe(false);
      expect(await source.list(name, context())).toEqual([]);
      await expect(source.write(name, 'x', context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    }
    expect(emulator.requests).toHaveLength(before);
  });

  test('given more names than sockets are polite, when opened one by one, then at most eight at a time, with word of each', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `D${i}`);
    const { emulator, source } = await emulated(Object.fromEntries(names.map((name) => [name, dynamic])));
    let progress = 0;
    const results = await source.read(names, { ...context(), progress: () => (progress += 1) });
    expect(results.size).toBe(30);
    expect(names.map((name) => emulator.opened('web', name))).toEqual(names.map(() => 1));
    expect(progress).toBeGreaterThanOrEqual(31);
  });

  test('given an aborted signal, when read, then it rejects and nothing is opened', async () => {
    const { emulator, source } = await emulated({ D: dynamic });
    await expect(source.read(['D'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'none',
    });
    await source.list(undefined, context());
    await expect(source.read(['D'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'none',
    });
    await expect(source.readAll({ signal: AbortSignal.abort() })).rejects.toMatchObject({ effect: 'none' });
    expect(emulator.opened('web', 'D')).toBe(0);
  });
});

describe('hcpVaultSecrets: one policy for many', () => {
  test('given static and dynamic ones, when read, then each answer is delivered as it comes; those known to be dynamic are asked for alone, without a look at the others', async () => {
    const { emulator, source } = await emulated({ A: '1', B: '2', C: '3', D: dynamic });
    await source.list(undefined, context());
    const before = asked(emulator).length;
    const parts: string[][] = [];
    const deliver = (answers: ReadonlyMap<string, unknown>) => void parts.push([...answers.keys()]);
    const results = await source.read(['A', 'C', 'D'], { ...context(), deliver });
    expect(parts).toEqual([['A', 'C'], ['D']]);
    expect([...results.keys()].sort()).toEqual(['A', 'C', 'D']);
    expect(
      asked(emulator)
        .slice(before)
        .filter((call) => !call.includes('secrets:open')),
    ).toEqual(['GET /secrets/D:open']);
    expect(emulator.opened('web', 'D')).toBe(1);
  });

  test.each([503, 429, 401])(
    'given HTTP %i to all, when many dynamic ones are read, then one batch and a few probes are sent, and the rest had no effect',
    async (status) => {
      const names = Array.from({ length: 40 }, (_, index) => `D${index}`);
      let isDown = false;
      const { source, server } = await faked((_, response) => {
        if (isDown) return void json(response, { code: 1, message: 'no' }, status);
        json(response, { secrets: names.map((name) => ({ name, type: 'dynamic' })) });
      });
      await source.list(undefined, context());
      isDown = true;
      const before = server.requests.length;
      const results = await source.read(names, context());
      expect(results.size).toBe(40);
      expect(server.requests.length - before).toBeLessThanOrEqual(status === 401 ? 32 : 8 + 4);
      expect((results.get('D39') as { effect?: string }).effect ?? 'none').toBe('none');
      expect(results.get('D39')).toMatchObject({ secretName: 'D39' });
    },
  );
});

describe('hcpVaultSecrets: the other calls', () => {
  test('given all types, when all are read, then dynamic ones are left alone', async () => {
    const { emulator, source } = await emulated({ A: '1', R: rotating, D: dynamic });
    expect([...(await source.readAll(context())).keys()].sort()).toEqual(['A', 'R']);
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given pages, when listed, then all names come, dynamic ones too, by prefix, and nothing is opened', async () => {
    const { emulator, source } = await emulated({ ...many(120), D: dynamic, X_KEY_0: 'x' });
    expect(await source.list(undefined, context())).toHaveLength(122);
    expect([...(await source.list('KEY_11', context()))].sort()).toEqual(Object.keys(many(120)).slice(110));
    expect(await source.list('D', context())).toEqual(['D']);
    expect(asked(emulator).some((request) => request.includes(':open'))).toBe(false);
    // What the list told is remembered: no bulk for a dynamic name.
    await source.read(['D'], context());
    expect(asked(emulator).at(-1)).toBe('GET /secrets/D:open');
  });

  test('given names that contain another, when asked whether it exists, then only an exact match counts', async () => {
    const { emulator, source } = await emulated({ MY_KEY_2: '1', D: dynamic });
    expect(await source.exists('KEY', context())).toBe(false);
    expect(await source.exists('MY_KEY_2', context())).toBe(true);
    expect(await source.exists('D', context())).toBe(true);
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given text and objects, when written, then each is a new version, JSON for objects; a missing one is created', async () => {
    const { source } = await emulated({ KEY: 'one' });
    await source.write('KEY', 'two', context());
    await source.write('NEW', { a: [1] }, context());
    const results = await source.read(['KEY', 'NEW'], context());
    expect(valuesOf(results)).toEqual({ KEY: 'two', NEW: '{"a":[1]}' });
    expect(results.get('KEY')).toMatchObject({ version: '2' });
  });

  test('given a rotating or dynamic secret, bytes, or no name, when written, then it is refused and nothing is sent', async () => {
    const { emulator, source } = await emulated({ R: rotating, D: dynamic });
    expect(await failureOf(source.write('R', 'x', context()))).toMatchObject({
      code: 'SECRET_SOURCE_READ_ONLY',
      secretName: 'R',
    });
    expect(await failureOf(source.write('D', 'x', context()))).toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY' });
    expect(await failureOf(source.write('B', Uint8Array.of(1), context()))).toMatchObject({
      code: 'SECRET_CONFIGURATION',
    });
    expect(await failureOf(source.write('..', 'x', context()))).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(asked(emulator).some((request) => request.startsWith('POST'))).toBe(false);
    expect(emulator.opened('web', 'D')).toBe(0);
  });

  test('given more versions than the service allows, when written, then the error says that, and does not ask for patience: it is sent once', async () => {
    const { source } = await emulated({ KEY: 'one' }, { maxVersions: 1 });
    const error = await failureOf(source.write('KEY', 'two', context()));
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'KEY' });
    expect(error.message).toContain('as many versions as the service allows');
  });

  test('given the variables that an emulator tells, with TLS and without, when made of them alone, then it is read', async () => {
    for (const tls of [false, true]) {
      const { emulator } = await emulated({ KEY: 'value' }, { tls });
      const before = { ...process.env };
      Object.assign(process.env, emulator.environment);
      const source = hcpVaultSecrets();
      for (const name of Object.keys(emulator.environment)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'value' });
      await source.close();
    }
  });

  test('given a closed source, when read, then it opens again with a new token', async () => {
    const { emulator, source } = await emulated({ KEY: 'value' });
    await source.read(['KEY'], context());
    await source.close();
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'value' });
    expect(emulator.requests.filter(({ path }) => path === '/oauth2/token')).toHaveLength(2);
  });

  test('given an emulator with TLS, when its certificate is given as CA, then it is read; without, it is refused', async () => {
    const { emulator } = await emulated({ KEY: 'value' }, { tls: true });
    const trusting = sourceAt(emulator.apiUrl, { tls: { ca: emulator.certificate } });
    expect(valuesOf(await trusting.read(['KEY'], context()))).toEqual({ KEY: 'value' });
    const wary = sourceAt(emulator.apiUrl);
    await expect(wary.read(['KEY'], context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
  });
});
