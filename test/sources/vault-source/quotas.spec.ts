import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { kv, token } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import { startGate } from '../../contract/support/gate.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { until } from './support/app.js';
import { startRecordingFront } from './support/recording-front.js';
import { closeSources, context, sourceOf, valuesOf } from './support/sources.js';

const REFUSED = { status: 503, body: {} };

describeOnEachVault([], 'vault() against %s: a quota, and names that are refused', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  const make = (options: Partial<Parameters<typeof sourceOf>[0]>) =>
    sourceOf({ address: server.address, auth: token(server.token), ...options });
  const quota = (rate: number, path = 'secret/') => client.write('sys/quotas/rate-limit/test', { rate, path });
  const names = Array.from({ length: 120 }, (_, index) => `s${index}`);

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await Promise.all(names.map((name) => client.kv.v2.createOrUpdate(`many/${name}`, { value: name })));
    for (const path of ['open/a', 'open/b', 'denied/c', 'open/sub/d']) {
      await client.kv.v2.createOrUpdate(`mixed/${path}`, { value: path });
    }
  }, 60_000);
  afterEach(async () => {
    await client.delete('sys/quotas/rate-limit/test');
    await closeSources();
    await stopServers();
  });
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given a quota of 20 a second and 120 secrets, when all are preloaded, then the app starts, and a rotation arrives', async () => {
    await quota(20);
    const source = make({ kv: { prefix: 'many' } });
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, preload: 'all', timeout: '2s', refresh: { enabled: false } })],
    })
      .setLogger(new CapturedLogger())
      .compile();
    try {
      await app.init();
      const secrets = app.get(HcpVaultClient);
      expect(names.map((name) => secrets.get<{ value: string }>(name).value)).toEqual(names);
      // By another way than the quota's: the writer has to get in between.
      await until('it is written', () =>
        client.kv.v2.createOrUpdate('many/s7', { value: 'rotated' }).then(
          () => true,
          () => false,
        ),
      );
      const report = await secrets.refresh();
      expect(report).toMatchObject({ changed: ['s7'], failed: [] });
      expect(secrets.get('s7')).toEqual({ value: 'rotated' });
      await client.kv.v2.createOrUpdate('many/s7', { value: 's7' }).catch(() => undefined);
    } finally {
      await app.close();
    }
  }, 60_000);

  test.each([
    ['tells how long to wait', true],
    ['says no more than no', false],
  ])(
    'given a quota of 20 a second that %s, when 120 are read, then all come, and little is refused',
    async (_, tells) => {
      const front = await startGate(server.address, { down: REFUSED, throttled: REFUSED });
      await client.write('sys/quotas/config', { enable_rate_limit_response_headers: tells });
      await quota(20);
      try {
        expect((await make({ address: front.url, kv: { prefix: 'many' } }).readAll!(context())).size).toBe(120);
        expect(front.requests()).toBeLessThan(185);
      } finally {
        await front.stop();
        await client.write('sys/quotas/config', { enable_rate_limit_response_headers: false });
      }
    },
    30_000,
  );

  test('given a quota and a rate limit below it, when all are read, then nothing is refused', async () => {
    const front = await startRecordingFront(server.address);
    const source = make({ address: front.address, kv: { prefix: 'many' }, rateLimit: 40 });
    await quota(80); // a window of its own may hold two of ours
    expect((await source.readAll!(context())).size).toBe(120);
    for (const name of names) expect(front.count('GET', `/v1/secret/data/many/${name}`)).toBe(1);
  }, 30_000);

  test('given a write and an opening that a quota refuses, when they are called, then they are sent again, for nothing was done', async () => {
    const source = make({ kv: { document: 'few' } });
    await source.write('A', 'a', context());
    await quota(3);
    await Promise.all(['B', 'C', 'D', 'E'].map((name) => source.write(name, name, context())));
    await client.delete('sys/quotas/rate-limit/test');
    expect(valuesOf(await source.readAll!(context()))).toEqual({ A: 'a', B: 'B', C: 'C', D: 'D', E: 'E' });
  }, 30_000);

  test('given a policy that denies a secret and a sub-folder, when all are read, then these alone are not there, whatever the way', async () => {
    await client.sys.createOrUpdatePolicy(
      'mixed',
      `path "secret/metadata/mixed/" { capabilities = ["list"] }
       path "secret/metadata/mixed" { capabilities = ["list"] }
       path "secret/metadata/mixed/open/" { capabilities = ["list"] }
       path "secret/metadata/mixed/open" { capabilities = ["list"] }
       path "secret/data/mixed/open/a" { capabilities = ["read"] }
       path "secret/data/mixed/open/sub/*" { capabilities = ["read"] }`,
    );
    const { auth } = await client.auth.token.create({ policies: ['mixed'] });
    const source = make({
      auth: token(auth.client_token),
      kv: { prefix: 'mixed' },
      secrets: { DB: kv('mixed/open/a') },
    });
    const told: string[] = [];
    source.observe(({ type, reason }) => void (type === 'notice' && told.push(String(reason))));
    const all = await source.readAll!(context());
    expect(valuesOf(all)).toEqual({ 'open/a': { value: 'open/a' }, DB: { value: 'open/a' } });
    expect(all.get('open/b')).toMatchObject({ code: 'SECRET_ACCESS_DENIED', secretName: 'open/b' });
    expect(valuesOf(await source.readPath!('open', context()))).toEqual({ 'open/a': { value: 'open/a' } });
    expect(told.join()).toMatch(/listing secret\/mixed\/denied was answered with HTTP 403/);
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, preload: 'all', refresh: { enabled: false } })],
    })
      .setLogger(new CapturedLogger())
      .compile();
    try {
      await app.init();
      const secrets = app.get(HcpVaultClient);
      expect(secrets.get('open/a')).toEqual({ value: 'open/a' });
      expect(Object.keys(await secrets.fetchSecrets()).sort()).toEqual(['DB', 'open/a']);
      expect(Object.keys(await secrets.getByPath('open'))).toEqual(['open/a']);
      // What can't be listed can be read.
      expect(await secrets.fetch('open/sub/d')).toEqual({ value: 'open/sub/d' });
      await expect(secrets.fetch('open/b')).rejects.toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    } finally {
      await app.close();
    }
  }, 30_000);
});

describe('vault(): a Vault in trouble', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  /** A Vault that has 100 secrets, each answered as told. */
  async function playing(answer: (name: string, times: number) => number) {
    const times = new Map<string, number>();
    const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
    const server = await startServer(({ url = '' }, response) => {
      const name = url.slice(url.lastIndexOf('/') + 1);
      times.set(name, (times.get(name) ?? 0) + 1);
      const status = url.includes('list=true') ? 200 : answer(name, times.get(name)!);
      const time = '2026-01-01T00:00:00Z';
      const data = url.includes('list=true')
        ? { keys: names }
        : { data: { name }, metadata: { version: 1, created_time: time, deletion_time: '', destroyed: false } };
      response.statusCode = status;
      response.end(JSON.stringify(status === 200 ? { request_id: 'r', data } : { errors: [] }));
    });
    const source = sourceOf({
      address: server.url,
      auth: (client) => {
        client.token = 't';
        return Promise.resolve({
          auth: { client_token: 't', lease_duration: 3600, renewable: false, token_type: 'batch' },
        });
      },
      kv: { prefix: 'app' },
    });
    return { server, source, names };
  }

  test.each([500, 503, 502, 429])(
    'given one HTTP %i among many, when they are read, then that one is sent again, and all are there',
    async (status) => {
      const { source, names, server } = await playing((name, times) => (name === 's41' && times === 1 ? status : 200));
      expect(valuesOf(await source.readAll!(context()))).toEqual(
        Object.fromEntries(names.map((name) => [name, { name }])),
      );
      expect(server.requests).toHaveLength(102);
    },
  );

  test('given one that is sick for good, when all are read, then it is its own failure, and the others are delivered', async () => {
    const { source } = await playing((name) => (name === 's41' ? 500 : 200));
    const all = await source.readAll!(context());
    expect(Object.keys(valuesOf(all))).toHaveLength(99);
    expect(all.get('s41')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 's41' });
  });

  test.each([503, 429])(
    'given HTTP %i to all, when 100 are read, then few are asked, and the whole fails with what was delivered kept',
    async (status) => {
      let isDown = false;
      const { source, names, server } = await playing((name) => (isDown && name !== 's0' ? status : 200));
      await source.read(['s0'], context());
      isDown = true;
      const before = server.requests.length;
      const results = await source.read(names, context());
      expect(results.get('s0')).toMatchObject({ value: { name: 's0' } });
      expect(results.get('s99')).toMatchObject({ secretName: 's99' });
      expect(server.requests.length - before).toBeLessThanOrEqual(status === 429 ? 40 : 30);
      const delivered: string[] = [];
      const deliver = (answers: ReadonlyMap<string, unknown>) => void delivered.push(...answers.keys());
      await expect(source.readAll!({ ...context(), deliver })).rejects.toMatchObject({
        code: status === 429 ? 'SECRET_THROTTLED' : 'SECRET_SOURCE_UNAVAILABLE',
      });
      expect(delivered).toEqual(['s0']);
    },
    30_000,
  );
});
