import type { EmulatorOptions, Seed } from '../../../lib/testing/emulator/index.js';
import { HcpVaultSecretsEmulator } from '../../../lib/testing/emulator/index.js';
import { ApiClient } from './api-client.js';

const START = Date.UTC(2025, 0, 2, 3, 4, 5);
const seed: Seed = {
  apps: {
    web: {
      API_KEY: 'key-1',
      DB: { type: 'rotating', values: { user: 'u', password: 'p' } },
      AWS: { type: 'dynamic', values: { access_key_id: 'AKIA', secret_access_key: 'sk' }, ttl: '900s' },
    },
  },
};

let now: number;
let emulator: HcpVaultSecretsEmulator;
let api: ApiClient;

async function given(from: Seed, options: EmulatorOptions = {}): Promise<void> {
  now = START;
  emulator = await HcpVaultSecretsEmulator.start(from, { now: () => now, ...options });
  api = new ApiClient(emulator);
}

afterEach(async () => {
  await api.close();
  await emulator.stop();
});

describe('opening secrets', () => {
  it('given a static secret, when it is opened, then its value, version and times have the shapes of the API', async () => {
    await given(seed);
    const { status, body } = await api.call('apps/web/secrets/API_KEY:open');
    const created = { created_at: '2025-01-02T03:04:05.000Z', created_by_id: expect.any(String) };
    expect(status).toBe(200);
    expect(body).toEqual({
      secret: {
        name: 'API_KEY',
        type: 'kv',
        latest_version: 1,
        ...created,
        static_version: { version: 1, value: 'key-1', ...created },
      },
    });
  });

  it('given a rotating secret, when it is opened, then it has values and keys', async () => {
    await given(seed);
    const { body } = await api.call('apps/web/secrets/DB:open');
    expect(body.secret).toMatchObject({
      type: 'rotating',
      latest_version: 1,
      rotating_version: { version: 1, values: { user: 'u', password: 'p' }, keys: ['user', 'password'] },
    });
    expect(body.secret.rotating_version).not.toHaveProperty('expires_at');
  });

  it('given a dynamic secret, when it is opened twice, then each opening issues other credentials and is counted', async () => {
    await given(seed);
    const first = await api.call('apps/web/secrets/AWS:open');
    now += 1000;
    const second = await api.call('apps/web/secrets/AWS:open');
    expect(first.body.secret.dynamic_instance).toEqual({
      values: { access_key_id: 'AKIA-1', secret_access_key: 'sk-1' },
      created_at: '2025-01-02T03:04:05.000Z',
      expires_at: '2025-01-02T03:19:05.000Z',
      ttl: '900s',
    });
    expect(second.body.secret.dynamic_instance).toMatchObject({
      values: { access_key_id: 'AKIA-2', secret_access_key: 'sk-2' },
      created_at: '2025-01-02T03:04:06.000Z',
    });
    expect(second.body.secret).not.toHaveProperty('latest_version');
    expect(emulator.opened('web', 'AWS')).toBe(2);
  });

  it('given no types filter, when all are opened, then dynamic ones are issued too', async () => {
    await given(seed);
    const { body } = await api.call('apps/web/secrets:open');
    expect(body.secrets.map(({ name }: { name: string }) => name)).toEqual(['API_KEY', 'AWS', 'DB']);
    expect(emulator.opened('web', 'AWS')).toBe(1);
  });

  it('given repeated types, when all are opened, then only these are, and nothing is issued', async () => {
    await given(seed);
    const { body } = await api.call('apps/web/secrets:open?types=kv&types=rotating');
    expect(body.secrets.map(({ type }: { type: string }) => type)).toEqual(['kv', 'rotating']);
    expect(emulator.opened('web', 'AWS')).toBe(0);
    expect((await api.call('apps/web/secrets:open?types=odd')).status).toBe(400);
  });

  it('given name_contains, when secrets are listed, then only names with that part come, without any value', async () => {
    await given(seed);
    const { body } = await api.call('apps/web/secrets?name_contains=A');
    expect(body.secrets).toMatchObject([
      { name: 'API_KEY', static_version: { version: 1 } },
      { name: 'AWS', type: 'dynamic', dynamic_config: { ttl: '900s' } },
    ]);
    expect(JSON.stringify(body)).not.toContain('key-1');
    expect(emulator.opened('web', 'AWS')).toBe(0);
  });

  it('given a secret, when it is read without opening, then its value is left out', async () => {
    await given(seed);
    const { body } = await api.call('apps/web/secrets/DB');
    expect(body.secret.rotating_version).toMatchObject({ version: 1, keys: ['user', 'password'] });
    expect(body.secret.rotating_version).not.toHaveProperty('values');
  });

  it('given names with slashes, spaces, colons and umlauts, when they are opened percent-encoded, then they are found', async () => {
    const names = ['a/b', 'ein Wort', 'Ä', 'x:open', '__proto__'];
    await given({ apps: { 'my app': Object.fromEntries(names.map((name) => [name, `v of ${name}`])) } });
    for (const name of names) {
      const { body } = await api.call(`apps/my%20app/secrets/${encodeURIComponent(name)}:open`);
      expect(body.secret).toMatchObject({ name, static_version: { value: `v of ${name}` } });
    }
    expect((await api.call(`apps/my%20app/secrets/${encodeURIComponent('a/b')}%3Aopen`)).status).toBe(200);
    expect((await api.call('apps/my%20app/secrets/%E0%A4%A:open')).status).toBe(400);
  });

  it('given an empty static value, when it is opened, then the value is there', async () => {
    await given({ apps: { web: { EMPTY: '' } } });
    expect((await api.call('apps/web/secrets/EMPTY:open')).body.secret.static_version.value).toBe('');
  });
});

describe('pages', () => {
  const many: Seed = { apps: { web: Object.fromEntries(['A', 'B', 'C', 'D', 'E'].map((name) => [name, name])) } };
  const names = (body: { secrets: { name: string }[] }) => body.secrets.map(({ name }) => name);

  it('given a page size, when pages are followed, then every secret comes once, and the last page has no next token', async () => {
    await given(many);
    const first = await api.call('apps/web/secrets:open?pagination.page_size=2');
    expect(names(first.body)).toEqual(['A', 'B']);
    expect(first.body.pagination).toEqual({ next_page_token: expect.any(String) });
    const token = first.body.pagination.next_page_token;
    emulator.removeSecret('web', 'A'); // shifts nothing
    const second = await api.call(`apps/web/secrets:open?pagination.page_size=2&pagination.next_page_token=${token}`);
    expect(names(second.body)).toEqual(['C', 'D']);
    const { next_page_token: next, previous_page_token: previous } = second.body.pagination;
    const last = await api.call(`apps/web/secrets:open?pagination.page_size=2&pagination.next_page_token=${next}`);
    expect(names(last.body)).toEqual(['E']);
    expect(last.body.pagination).not.toHaveProperty('next_page_token');
    const back = await api.call(
      `apps/web/secrets:open?pagination.page_size=2&pagination.previous_page_token=${previous}`,
    );
    expect(names(back.body)).toEqual(['B', 'C']);
  });

  it('given the start option pageSize, when no size is asked for, then pages have it', async () => {
    await given(many, { pageSize: 3 });
    expect(names((await api.call('apps/web/secrets:open')).body)).toHaveLength(3);
    expect(names((await api.call('apps/web/secrets?pagination.page_size=0')).body)).toHaveLength(3);
  });

  it.each([
    'pagination.page_size=x',
    'pagination.page_size=-1',
    'pagination.next_page_token=odd',
    'pagination.next_page_token=bnVsbA',
  ])('given the query %s, when secrets are listed, then it is an invalid argument', async (query) => {
    await given(many);
    const { status, body } = await api.call(`apps/web/secrets?${query}`);
    expect([status, body.code]).toEqual([400, 3]);
  });

  it('given dynamic secrets on two pages, when one page is opened, then only its own are issued', async () => {
    const spec = { type: 'dynamic', values: { a: 'x' } } as const;
    await given({ apps: { web: { A: spec, B: spec } } });
    await api.call('apps/web/secrets:open?pagination.page_size=1');
    expect([emulator.opened('web', 'A'), emulator.opened('web', 'B')]).toEqual([1, 0]);
  });
});

describe('versions', () => {
  it('given two versions, when versions are listed and opened, then newest comes first, and values only where opened', async () => {
    await given(seed);
    emulator.rotate('web', 'API_KEY', 'key-2');
    emulator.rotate('web', 'DB', { user: 'u2', password: 'p2' });
    const listed = await api.call('apps/web/secrets/API_KEY/versions');
    expect(listed.body.static_versions.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    expect(JSON.stringify(listed.body)).not.toContain('key-');
    const opened = await api.call('apps/web/secrets/API_KEY/versions:open?pagination.page_size=1');
    expect(opened.body.static_versions.versions).toMatchObject([{ version: 2, value: 'key-2' }]);
    expect(opened.body.pagination.next_page_token).toEqual(expect.any(String));
    const rotating = await api.call('apps/web/secrets/DB/versions:open');
    expect(rotating.body.rotating_versions.versions).toMatchObject([
      { version: 2, values: { user: 'u2' } },
      { version: 1, values: { user: 'u' } },
    ]);
  });

  it('given a version number, when it is opened, then it stands at the top of the answer', async () => {
    await given(seed);
    emulator.rotate('web', 'API_KEY', 'key-2');
    const { body } = await api.call('apps/web/secrets/API_KEY/versions/1:open');
    expect(body).toMatchObject({ static_version: { version: 1, value: 'key-1' } });
    expect(body).not.toHaveProperty('secret');
    expect((await api.call('apps/web/secrets/DB/versions/1:open')).body.rotating_version.values.user).toBe('u');
    expect((await api.call('apps/web/secrets/API_KEY/versions/9:open')).body.code).toBe(5);
    expect((await api.call('apps/web/secrets/API_KEY/versions/x:open')).body.code).toBe(3);
    expect((await api.call('apps/web/secrets/AWS/versions/1:open')).body.code).toBe(9);
    expect((await api.call('apps/web/secrets/AWS/versions')).body.code).toBe(9);
  });
});

describe('changing secrets through the API', () => {
  const post = (path: string, body: unknown) => api.call(path, { method: 'POST', body });

  it('given POST secret/kv, when the name is new and then known, then a secret and then a version is made', async () => {
    await given(seed);
    const made = await post('apps/web/secret/kv', { name: 'NEW', value: 'one' });
    expect(made).toMatchObject({ status: 200, body: { secret: { name: 'NEW', type: 'kv', latest_version: 1 } } });
    expect(JSON.stringify(made.body)).not.toContain('one');
    expect((await post('apps/web/secret/kv', { name: 'NEW', value: 'two' })).body.secret.latest_version).toBe(2);
    expect((await api.call('apps/web/secrets/NEW:open')).body.secret.static_version).toMatchObject({
      version: 2,
      value: 'two',
    });
  });

  it('given as many versions as may be, when one more is posted, then it is 429 with code 8', async () => {
    await given(seed, { maxVersions: 1 });
    const { status, body } = await post('apps/web/secret/kv', { name: 'API_KEY', value: 'x' });
    expect(status).toBe(429);
    expect(body).toEqual({ code: 8, message: 'maximum number of secret versions reached', details: [] });
  });

  it.each([
    ['no JSON', '{"name": canary', 400, 3],
    ['a list', [], 400, 3],
    ['no name', { value: 'canary' }, 400, 3],
    ['a number as value', { name: 'X', value: 4 }, 400, 3],
    ['the name of a dynamic secret', { name: 'AWS', value: 'canary' }, 409, 6],
  ])('given %s, when it is posted, then it is refused without being quoted', async (_, body, status, code) => {
    await given(seed);
    const reply = await post('apps/web/secret/kv', body);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(JSON.stringify(reply.body)).not.toContain('canary');
  });

  it('given a body beyond 1 MiB, when it is posted, then it is 413', async () => {
    await given(seed);
    expect((await post('apps/web/secret/kv', { name: 'X', value: 'x'.repeat(1_100_000) })).status).toBe(413);
  });

  it('given kv:batch, when a name is taken, then all fail, and UPDATE makes versions', async () => {
    await given(seed);
    const secrets = [
      { name: 'N1', value: 'a' },
      { name: 'API_KEY', value: 'b' },
    ];
    expect((await post('apps/web/secret/kv:batch', { secrets })).body.code).toBe(6);
    expect((await api.call('apps/web/secrets/N1')).status).toBe(404);
    const updated = await post('apps/web/secret/kv:batch', { secrets, conflicts: 'UPDATE' });
    expect(updated.body.secrets).toMatchObject([
      { name: 'N1', latest_version: 1 },
      { name: 'API_KEY', latest_version: 2 },
    ]);
    expect((await post('apps/web/secret/kv:batch', { secrets: 1 })).body.code).toBe(3);
    expect((await post('apps/web/secret/kv:batch', { secrets: [null] })).body.code).toBe(3);
  });

  it('given :rotate, when a rotating secret is rotated, then it has new values under the same keys', async () => {
    await given(seed);
    expect(await post('apps/web/secrets/DB:rotate', {})).toMatchObject({ status: 200, body: {} });
    const { rotating_version: version } = (await api.call('apps/web/secrets/DB:open')).body.secret;
    expect(version).toMatchObject({ version: 2, keys: ['user', 'password'] });
    expect(version.values.password).not.toBe('p');
    expect((await post('apps/web/secrets/API_KEY:rotate', {})).body.code).toBe(9);
  });

  it('given a secret, when it is deleted, then it is gone', async () => {
    await given(seed);
    expect((await api.call('apps/web/secrets/API_KEY', { method: 'DELETE' })).status).toBe(200);
    expect((await api.call('apps/web/secrets/API_KEY:open')).body).toMatchObject({ code: 5, details: [] });
    expect((await api.call('apps/web/secrets/API_KEY', { method: 'DELETE' })).status).toBe(404);
  });

  it('given apps, when they are made, listed, read and deleted, then each call answers as the API does', async () => {
    await given(seed);
    const made = await post('apps', { name: 'second', description: 'about it' });
    expect(made.body.app).toMatchObject({
      name: 'second',
      description: 'about it',
      organization_id: emulator.environment.HCP_ORGANIZATION_ID,
      project_id: emulator.environment.HCP_PROJECT_ID,
    });
    expect((await post('apps', { name: 'second' })).body.code).toBe(6);
    expect((await post('apps', {})).body.code).toBe(3);
    const listed = await api.call('apps?pagination.page_size=1');
    expect(listed.body).toMatchObject({
      apps: [{ name: 'second' }],
      pagination: { next_page_token: expect.any(String) },
    });
    expect((await api.call('apps/web')).body.app).toMatchObject({ name: 'web', secret_count: 3 });
    expect((await api.call('apps/second', { method: 'DELETE' })).status).toBe(200);
    expect((await api.call('apps/second')).body.code).toBe(5);
  });
});

describe('what is refused', () => {
  beforeEach(() => given(seed));

  it.each(['apps/none/secrets:open', 'apps/none/secrets/X:open', 'apps/web/secrets/NONE:open'])(
    'given the unknown %s, when it is opened, then it is 404 with code 5',
    async (path) => {
      expect(await api.call(path)).toMatchObject({ status: 404, body: { code: 5, details: [] } });
    },
  );

  it('given the organization or project of others, when it is called, then it is 403 with code 7', async () => {
    const path = 'apps/web/secrets:open';
    expect(await api.call(path, { organization: 'other' })).toMatchObject({ status: 403, body: { code: 7 } });
    expect(await api.call(path, { project: 'other' })).toMatchObject({ status: 403, body: { code: 7 } });
  });

  it('given an unknown route or method, when it is called, then it is 404 or 501', async () => {
    expect((await api.call('odd/route')).status).toBe(404);
    expect((await api.call('apps/web/secrets/API_KEY:close')).status).toBe(404);
    expect((await api.call('apps/web/secrets', { method: 'PUT' })).body.code).toBe(12);
    expect((await api.raw('GET', `${emulator.apiUrl}/`)).status).toBe(404);
  });
});
