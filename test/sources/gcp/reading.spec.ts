import { crc32c } from '../../../lib/sources/gcp/secret-manager/crc32c.js';
import { startServer } from '../support/server.js';
import { asked, cleanUp, context, emulated, errorOf, failureOf, sourceAt, valuesOf } from './support/google.js';

afterEach(cleanUp);

test('given bytes, when their CRC-32C is taken, then it is the published one, and not that of zlib', () => {
  // The check value of the catalogue of CRCs, and a vector of RFC 3720 B.4.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.from('zwölf'))).toBe(crc32c(Buffer.from('zwölf')));
  expect(crc32c(new Uint8Array())).toBe(0);
});

describe('googleSecretManager: values', () => {
  test('given text, JSON, digits and bytes, when read, then documents are objects, text stays text, and bytes are bytes', async () => {
    const values = { TEXT: 'zwölf', JSON: '{"a":[1]}', DIGITS: '007', BYTES: Uint8Array.of(255, 0, 254), EMPTY: '' };
    const { google, source } = await emulated(values);
    const found = await source.read(Object.keys(values), context());
    expect(valuesOf(found)).toEqual({ ...values, JSON: { a: [1] } });
    expect(valuesOf(await sourceAt(google.url, { json: false }).read(['JSON'], context()))).toEqual({
      JSON: '{"a":[1]}',
    });
  });

  test('given a value that its checksum is not of, when read, then it is asked for once more, and refused if that is no better', async () => {
    const { google, source } = await emulated({ KEY: 'canary-value-0c11' });
    google.damaged = 1;
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'canary-value-0c11' });
    google.damaged = 2;
    const error = await errorOf(source);
    expect(error.code).toBe('SECRET_SOURCE_UNAVAILABLE');
    expect(error.message).toMatch(
      /reading version "latest" of it in project "app-project" gave a value that its checksum \(CRC-32C\) is not of, twice/,
    );
    expect(asked(google)).toHaveLength(4);
  });

  test.each([
    ['another secret', 'projects/1/secrets/OTHER/versions/1'],
    ['another location', 'projects/1/locations/europe-west3/secrets/KEY/versions/1'],
    ['another version', 'projects/1/secrets/KEY/versions/2'],
    ['no version', 'projects/1/secrets/KEY'],
    ['nothing', undefined],
  ])('given an answer about %s, when read, then it is not used', async (_, name) => {
    const server = await startServer((__, response) => {
      const data = Buffer.from('canary-foreign').toString('base64');
      response.end(JSON.stringify({ name, payload: { data } }));
    });
    const error = await errorOf(sourceAt(server.url), 'KEY', { version: '1' });
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'KEY' });
    expect(error.message).not.toContain('canary');
  });

  test('given checksum and number as JSON numbers, base64url and unknown fields, when read, then it is taken', async () => {
    const data = Buffer.from([0xfb, 0xff]);
    const server = await startServer((__, response) => {
      const payload = { data: data.toString('base64url'), dataCrc32c: crc32c(data), more: 1 };
      response.end(JSON.stringify({ name: 'projects/1/secrets/KEY/versions/7', payload, etag: 'x' }));
    });
    const found = (await sourceAt(server.url).read(['KEY'], context())).get('KEY')!;
    expect(found).toMatchObject({ version: '7', versionKind: 'source', value: Uint8Array.of(0xfb, 0xff) });
  });
});

describe('googleSecretManager: versions', () => {
  const rotated = async () => {
    const made = await emulated({ KEY: 'one' });
    made.google.set('KEY', 'two');
    made.google.store.patch('KEY', { versionAliases: { stable: '1' } }, undefined);
    return made;
  };

  test('given versions and an alias, when read, then latest is the number that it means, and both others can be asked for', async () => {
    const { google, source } = await rotated();
    const read = async (version?: string) => (await source.read(['KEY'], context({ version }))).get('KEY');
    expect(await read()).toMatchObject({ value: 'two', version: '2' });
    expect(await read('1')).toMatchObject({ value: 'one', version: '1' });
    expect(await read('stable')).toMatchObject({ value: 'one', version: '1' });
    expect(await read('3')).toBeUndefined();
    expect(await read('none')).toBeUndefined();
    expect(await read('../1')).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(await read('0')).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(source.previousVersion('2')).toBe('1');
    expect(source.previousVersion('1')).toBeUndefined();
    // Polled by `:access` alone: all else has a quota of 600 a minute.
    expect(asked(google).every((request) => request.endsWith(':access'))).toBe(true);
  });

  test('given a source of an alias, when read, then it is followed when it moves, also back', async () => {
    const { google } = await rotated();
    const source = sourceAt(google.url, { version: 'stable' });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'one' });
    google.store.patch('KEY', { versionAliases: { stable: '2' } }, undefined);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'two' });
    google.store.patch('KEY', { versionAliases: { stable: '1' } }, undefined);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'one' });
    expect(source.previousVersion('2')).toBeUndefined();
  });

  test.each([
    ['disable', 'disabled', 'Enable it, or add a version'],
    ['destroy', 'destroyed', 'Add a version'],
  ])(
    'given a latest version that was %sd, when read, then that is told, it exists, and no older one is taken',
    async (verb, state, advice) => {
      const { google, source } = await rotated();
      google.store.change('KEY', '2', verb, undefined);
      const error = await errorOf(source);
      expect(error).toMatchObject({
        code: 'SECRET_ACCESS_DENIED',
        secretName: 'KEY',
        sourceKind: 'google-secret-manager',
      });
      expect(error.message).toContain(
        `reading version "latest" of it in project "app-project" found a version that is ${state}. ${advice}`,
      );
      expect(await source.exists('KEY', context())).toBe(true);
    },
  );

  test('given a secret without versions, or none at all, when read and looked for, then it is absent', async () => {
    const { google, source } = await emulated();
    google.store.create('EMPTY', {});
    expect((await source.read(['EMPTY', 'NONE'], context())).size).toBe(0);
    expect(await source.exists('EMPTY', context())).toBe(false);
  });

  test('given a latest that goes back behind what was read, when read, then the newer one stays, by its number', async () => {
    const { google, source } = await rotated();
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'two' });
    google.store.lagging.set('KEY', 1);
    expect((await source.read(['KEY'], context())).get('KEY')).toMatchObject({ value: 'two', version: '2' });
    google.store.delete('KEY', undefined);
    google.set('KEY', 'made anew');
    expect((await source.read(['KEY'], context())).get('KEY')).toMatchObject({ value: 'made anew', version: '1' });
    google.set('KEY', 'and rotated');
    expect((await source.read(['KEY'], context())).get('KEY')).toMatchObject({ value: 'and rotated', version: '2' });
  });
});

describe('googleSecretManager: places', () => {
  test('given a location, when read, then name and host are of that region, and errors name both', async () => {
    const { google, source } = await emulated({ KEY: 'regional' }, { location: 'europe-west3' });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'regional' });
    expect(google.requests[0]!.path).toBe(
      '/v1/projects/app-project/locations/europe-west3/secrets/KEY/versions/latest:access',
    );
    const at = `project "app-project", location "europe-west3", ${google.url}`;
    expect(source.describe('KEY')).toEqual([{ source: 'google-secret-manager', name: 'KEY', at }]);
    const regional = sourceAt(undefined as never, { location: 'europe-west3', endpoint: undefined });
    expect(regional.describe('KEY')[0]!.at).toContain('https://secretmanager.europe-west3.rep.googleapis.com');
    const elsewhere = sourceAt(
      undefined as never,
      { endpoint: undefined },
      { environment: { GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'example.cloud' } },
    );
    expect(elsewhere.describe('KEY')[0]!.at).toContain('https://secretmanager.example.cloud');
  });

  test('given names of one location at the endpoint of another, when read, then it is a fault of the configuration', async () => {
    const { google } = await emulated({ KEY: 'x' });
    const error = await errorOf(sourceAt(google.url, { location: 'europe-west3' }));
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(error.message).toContain('INVALID_ARGUMENT');
  });

  test('given an event, when asked whose it is, then names below the prefix and of the location are told', async () => {
    const { source } = await emulated({}, { prefix: 'app_' });
    expect(source.namesOf('projects/153396971788/secrets/app_KEY/versions/4')).toEqual(['KEY']);
    expect(source.namesOf('projects/p/secrets/app_KEY')).toEqual(['KEY']);
    expect(source.namesOf('app_KEY')).toEqual(['KEY']);
    expect(source.namesOf('projects/p/secrets/other')).toEqual([]);
    expect(source.namesOf('projects/p/secrets/app_')).toEqual([]);
    expect(source.namesOf('projects/p/locations/europe-west3/secrets/app_KEY')).toEqual([]);
    const { source: regional } = await emulated({}, { location: 'europe-west3' });
    expect(regional.namesOf('projects/p/locations/europe-west3/secrets/KEY')).toEqual(['KEY']);
    expect(regional.namesOf('projects/p/secrets/KEY')).toEqual([]);
  });
});

describe('googleSecretManager: lists', () => {
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, n) => [`app_${n}`, `value ${n}`]));

  test('given more secrets than a page, when listed and read below the prefix, then all come, each once, by a filter on names', async () => {
    const { google, source } = await emulated(
      { ...many, other: 'x', my_app_1: 'holds the prefix elsewhere' },
      { prefix: 'app_' },
    );
    const names = await source.list(undefined, context());
    expect([...names].sort()).toEqual(Object.keys(many).map((id) => id.slice(4)).sort()); // prettier-ignore
    expect(asked(google)).toEqual([
      'GET secrets?pageSize=1000&filter=name%3Aapp_',
      expect.stringMatching(/^GET secrets\?pageSize=1000&filter=name%3Aapp_&pageToken=\w+$/),
      expect.stringMatching(/^GET secrets\?pageSize=1000&filter=name%3Aapp_&pageToken=\w+$/),
    ]);
    expect(await source.list('249', context())).toHaveLength(11);
    const all = await source.readAll!(context());
    expect(all.size).toBe(2500);
  });

  test('given no prefix, when asked, then nothing bounds it: it is listed, and never read as a whole', async () => {
    const { google, source } = await emulated({ A: '1', B: '2' });
    expect(source).toMatchObject({ isBounded: false, readAll: undefined });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(['A', 'B']);
    expect(await source.list('no/name', context())).toEqual([]);
    expect(asked(google)).toEqual(['GET secrets?pageSize=1000']);
  });

  test('given pages that repeat, when listed, then that is an end', async () => {
    const server = await startServer((_, response) => response.end('{"secrets":[],"nextPageToken":"again"}'));
    const error = await failureOf(sourceAt(server.url).list(undefined, context()));
    expect(error.message).toContain('listing the secrets in project "app-project" does not end: the pages repeat');
    expect(server.requests).toHaveLength(2);
  });

  test('given many names, when read, then at most 32 are under way, and each that came is delivered at once', async () => {
    const held: (() => void)[] = [];
    let most = 0;
    let answered = 0;
    // Nobody is answered before as many are there as there may be, or as are left: a faster or slower machine changes nothing.
    const server = await startServer((request, response) => {
      held.push(() => {
        const id = /secrets\/([^/]+)/.exec(request.url ?? '')?.[1];
        response.end(JSON.stringify({ name: `projects/1/secrets/${id}/versions/1`, payload: { data: 'eA==' } }));
      });
      most = Math.max(most, held.length);
      if (held.length < Math.min(32, 200 - answered)) return;
      setTimeout(() => {
        const batch = held.splice(0);
        answered += batch.length;
        for (const answer of batch) answer();
      }, 5); // one more than there may be would come meanwhile
    });
    const names = Array.from({ length: 200 }, (_, n) => `K${n}`);
    const delivered: string[] = [];
    const found = await sourceAt(server.url).read(names, context({ deliver: (some: ReadonlyMap<string, unknown>) => delivered.push(...some.keys()) })); // prettier-ignore
    expect(found.size).toBe(200);
    expect(delivered).toHaveLength(200);
    expect(most).toBe(32);
    expect(server.requests).toHaveLength(200);
  });
});
