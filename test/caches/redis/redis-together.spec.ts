import { inspect } from 'node:util';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:net';
import { Lease, SecretVersion, type SecretSource } from 'nestjs-hcp-vault';
import { redisCache, type RedisCacheOptions } from 'nestjs-hcp-vault/redis';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { type RuntimeOptions, SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { SharedCache } from '../../../lib/core/shared/shared-cache.js';
import { describeWith } from '../../servers/available.js';
import { type RedisServer, startRedis } from '../../servers/redis.server.js';

const KEY = Buffer.alloc(32, 5);
const EVERY = 400;

/** A backend in this process: counts what it is asked, and how its leases end. */
class Backend {
  value = 1;
  reads = 0;
  renewals: string[] = [];
  revoked: string[] = [];
  opened = 0;
  readonly source: SecretSource = {
    kind: 'stub',
    read: async (names) => {
      this.reads += 1;
      return new Map(names.map((name) => [name, this.#version(name)]));
    },
    renew: async (lease) => {
      this.renewals.push(lease.id!);
      return lease;
    },
    revoke: async ({ id }) => void this.revoked.push(id!),
  };

  constructor(private readonly lease?: number) {}

  #version(name: string): SecretVersion {
    if (this.lease === undefined) {
      return SecretVersion.of(`canary-${name}-${this.value}`, { version: String(this.value) });
    }
    const id = `lease-${(this.opened += 1)}`;
    return SecretVersion.of(`canary-${id}`, {
      version: id,
      lease: Lease.of({ id, duration: this.lease, renewable: true }),
    });
  }
}

describeWith(['redis'], 'several replicas over one Redis', () => {
  let server: RedisServer;
  let running: { runtime: SecretRuntime; client: HcpVaultClient<string> }[];
  let lines: string[];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.cli('flushall');
    running = [];
    lines = [];
  });
  afterEach(async () => {
    await Promise.all(running.map(({ runtime }) => runtime.shutdown()));
  });

  const cacheOf = (options: Partial<RedisCacheOptions> = {}): SharedCache =>
    redisCache({ url: server.url, key: KEY, ...options } as RedisCacheOptions);
  const start = async (
    backend: Backend,
    names: readonly string[],
    options: Partial<RuntimeOptions> = {},
  ): Promise<(typeof running)[number]> => {
    const log = (text: unknown): void => void lines.push(String(text));
    const runtime = new SecretRuntime({
      source: backend.source,
      sharedCache: cacheOf(),
      cache: { maxAge: EVERY },
      logger: { error: log, warn: log, log, debug: log },
      ...options,
    });
    const one = { runtime, client: new HcpVaultClient<string>(runtime) };
    running.push(one);
    one.client.rotations$.subscribe(() => undefined);
    await runtime.bootstrap(
      names.map((name) => ({ name, need: 'required' })),
      'decorated',
    );
    runtime.start();
    return one;
  };
  const until = async (what: () => boolean, limit = 8_000): Promise<void> => {
    for (const end = Date.now() + limit; !what() && Date.now() < end;) await pause(20);
  };
  const scriptsRun = (): number =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(server.cli('info', 'commandstats'))?.[1] ?? 0);
  const clientsOf = (): number =>
    server
      .cli('client', 'list')
      .split('\n')
      .filter((line) => !/cmd=client/.test(line)).length;

  describe('what they cost Redis', () => {
    it.each([3, 60])(
      'is two connections each, and a handful of scripts an interval, with %i secrets',
      async (count) => {
        const backend = new Backend();
        const names = Array.from({ length: count }, (_, at) => `S${at}`);
        for (let replica = 0; replica < 4; replica += 1) await start(backend, names, { cache: { maxAge: 1_000 } });
        await pause(1_000);
        expect(clientsOf()).toBe(2 * 4);
        const [scripts, reads] = [scriptsRun(), backend.reads];
        await pause(4_000);
        const ran = scriptsRun() - scripts;
        expect(backend.reads - reads).toBeLessThanOrEqual(5);
        // A look and a turn for each that is due, one writing, one look of each that is told; some more where several are due at one moment.
        expect(ran / 3 / 4).toBeLessThan(10);
        expect(clientsOf()).toBe(2 * 4);
      },
      20_000,
    );
  });

  describe('with one cache object for two connections', () => {
    it('is closed by the one, and goes on for the other, with connections of its own until that closes, too', async () => {
      await until(() => clientsOf() === 0);
      const sharedCache = cacheOf();
      const [first, second] = [new Backend(), new Backend()];
      const one = await start(first, ['A'], { sharedCache, connection: 'one' });
      const other = await start(second, ['A'], { sharedCache, connection: 'other' });
      const elsewhere = await start(second, ['A'], { connection: 'other' });
      second.value = 7;
      await until(() => other.client.get('A') === 'canary-A-7');
      expect(one.client.get('A')).toBe('canary-A-1'); // nothing of one connection is another's
      await one.runtime.shutdown();
      second.value = 8;
      await until(() => [other, elsewhere].every(({ client }) => client.get('A') === 'canary-A-8'));
      expect(other.client.get('A')).toBe('canary-A-8');
      expect(elsewhere.client.get('A')).toBe('canary-A-8');
      const third = await start(first, ['A'], { sharedCache, connection: 'one' });
      expect(third.client.status()[0]).toMatchObject({ name: 'A' });
      await Promise.all(running.map(({ runtime }) => runtime.shutdown()));
      await until(() => clientsOf() === 0, 2_000);
      expect(clientsOf()).toBe(0);
      const again = await start(second, ['A'], { sharedCache, connection: 'other' });
      expect(again.client.get('A')).toBe('canary-A-8');
      expect(lines.filter((line) => line.includes('redis cache'))).toEqual([]);
    }, 30_000);

    it('of one connection in two apps at once, too', async () => {
      const sharedCache = cacheOf();
      const backend = new Backend();
      const [one, other] = [await start(backend, ['A'], { sharedCache }), await start(backend, ['A'], { sharedCache })];
      await one.runtime.shutdown();
      const before = backend.reads;
      backend.value = 2;
      await until(() => other.client.get('A') === 'canary-A-2');
      expect(other.client.get('A')).toBe('canary-A-2');
      expect(backend.reads).toBeGreaterThan(before);
    }, 15_000);
  });

  describe('that share credentials', () => {
    const LEASE = 3_000;
    const share = (backend: Backend) =>
      start(backend, ['DB'], { sharedCache: cacheOf({ shareDynamic: true }), cache: { maxAge: 60_000 } });
    /** As one that is killed: nothing of it runs on, and nothing is ended. */
    const kill = async ({ runtime }: (typeof running)[number]): Promise<void> => {
      runtime.refresher.stop();
      await runtime.caches.close();
      running = running.filter((one) => one.runtime !== runtime);
    };

    it('open them once, and who opened them extends them for all', async () => {
      const backend = new Backend(LEASE);
      const all = [await share(backend), await share(backend), await share(backend)];
      await pause(2 * LEASE);
      expect(backend.opened).toBe(1);
      expect(new Set(backend.renewals)).toEqual(new Set(['lease-1']));
      expect(backend.renewals.length).toBeLessThanOrEqual(5);
      expect(all.map(({ client }) => client.get('DB'))).toEqual(Array(3).fill('canary-lease-1'));
    }, 30_000);

    it('have others opened once when who opened them is gone, before they end, and nobody ends any twice', async () => {
      const backend = new Backend(LEASE);
      const [owner, one, other] = [await share(backend), await share(backend), await share(backend)];
      await kill(owner);
      const ended = Date.now() + LEASE + 500;
      while (Date.now() < ended) {
        expect([one, other].map(({ client }) => client.get('DB'))).not.toContain(undefined); // throws where it is over
        await pause(50);
      }
      expect(backend.opened).toBe(2);
      expect([one, other].map(({ client }) => client.get('DB'))).toEqual(Array(2).fill('canary-lease-2'));
      const renewals = backend.renewals.length;
      await pause(LEASE);
      expect(backend.renewals.slice(renewals)).toContain('lease-2'); // the one that took over extends it
      expect(backend.opened).toBe(2);
      await one.runtime.shutdown();
      expect([other].map(({ client }) => client.get('DB'))).toEqual(['canary-lease-2']);
      await other.runtime.shutdown();
      expect(new Set(backend.revoked).size).toBe(backend.revoked.length);
      expect(backend.revoked).not.toContain('lease-2'); // it ends with its lease, as others may use it
    }, 30_000);
  });

  it('go on reading and serving while Redis stands still, and find each other when it goes on', async () => {
    const backend = new Backend();
    const all = [await start(backend, ['A']), await start(backend, ['A']), await start(backend, ['A'])];
    server.freeze();
    const since = Date.now();
    try {
      backend.value = 2;
      let longest = 0;
      await until(() => {
        const began = performance.now();
        const isThere = all.every(({ client }) => client.get('A') === 'canary-A-2');
        longest = Math.max(longest, performance.now() - began);
        return isThere;
      }, 12_000);
      expect(all.map(({ client }) => client.get('A'))).toEqual(Array(3).fill('canary-A-2'));
      expect(Date.now() - since).toBeLessThan(8_000);
      expect(longest).toBeLessThan(50); // who reads waits for nobody
      const late = performance.now();
      expect(await all[0]!.client.fetch('A', { forceRefresh: true })).toBe('canary-A-2');
      expect(performance.now() - late).toBeLessThan(3_000);
    } finally {
      server.thaw();
    }
    // Together again: each reading is one for all.
    await pause(3_000);
    const [reads, began] = [backend.reads, Date.now()];
    await pause(5 * EVERY);
    expect(backend.reads - reads).toBeLessThanOrEqual(Math.floor((Date.now() - began) / EVERY) + 1);
  }, 40_000);

  it('show no value and no name in a dump, in what a monitor sees, in logs, and where a holder is printed', async () => {
    const seen: string[] = [];
    const monitor = connect(server.port, '127.0.0.1', () => monitor.write('MONITOR\r\n'));
    monitor.on('data', (data) => void seen.push(data.toString('latin1')));
    const backend = new Backend(60_000);
    const cache = cacheOf({ shareDynamic: true });
    const one = await start(backend, ['canary-NAME', 'DB'], { sharedCache: cache });
    const fixed = new Backend();
    await start(fixed, ['canary-OTHER'], { sharedCache: cache, connection: 'canary-connection' });
    await one.client.refresh();
    await one.client.reportRejected('DB');
    await pause(300);
    monitor.destroy();
    expect(server.cli('save')).toBe('OK');
    const dump = readFileSync(join(server.cli('config', 'get', 'dir').split('\n')[1]!, 'dump.rdb')).toString('latin1');
    expect(dump.length).toBeGreaterThan(1_000);
    const said = seen.join('');
    expect(said).toMatch(/evalsha/i);
    const key = KEY.toString('latin1');
    for (const text of [dump, said, said.replaceAll('\\x00', ''), lines.join('\n')]) {
      expect(text.replaceAll('\0', '').includes('canary-lease')).toBe(false);
      expect(text.includes(key)).toBe(false);
    }
    expect(/canary/.test(dump.replaceAll('\0', '') + said)).toBe(false);
    const { caches } = one.runtime;
    const readings = (await caches.readings!())!;
    for (const holder of [cache, caches, readings.tiers, readings, one.runtime, one.client, readings.judgement]) {
      expect(/canary-lease|05 05 05/.test(inspect(holder, { depth: 12, showHidden: true }))).toBe(false);
      let json = '';
      try {
        json = JSON.stringify(holder) ?? '';
      } catch {
        // What goes round in circles is not JSON at all.
      }
      expect(/canary-lease/.test(json)).toBe(false);
    }
  }, 20_000);
});
