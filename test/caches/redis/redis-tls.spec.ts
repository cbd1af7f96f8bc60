import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisCache, type RedisClientLike } from 'nestjs-hcp-vault/redis';
import { createClient } from 'redis';
import { SystemClock } from '../../../lib/core/clock.js';
import type { SharedNews, SharedTier } from '../../../lib/core/shared/shared-cache.js';
import { describeWith } from '../../servers/available.js';
import { freePort } from '../../servers/child.server.js';
import { ownCertificate } from '../../servers/key-vault/certificates.js';
import { type RedisServer, startRedis } from '../../servers/redis.server.js';
import { KEY, slotOf, valueEntry } from '../support/describe-shared-cache.js';
import { CountingSource, Fleet } from './support/fleet.js';

const PASSWORD = 'canary-password';
const RIGHTS =
  'eval evalsha get strlen set del incr pexpire pttl time publish subscribe unsubscribe ping info hello quit'.split(
    ' ',
  );

describeWith(['redis'], 'Redis by TLS, with a certificate of its own authority and a user with few rights', () => {
  let server: RedisServer;
  let folder: string;
  let port: number;
  let ca: string;
  let opened: SharedTier[];
  let ends: (() => void)[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-redis-tls-'));
    const made = await ownCertificate();
    ca = made.ca;
    for (const [name, text] of Object.entries(made)) writeFileSync(join(folder, `${name}.pem`), text, { mode: 0o600 });
    port = await freePort();
    const file = (name: string): string => join(folder, `${name}.pem`);
    const certificates = [
      '--tls-cert-file',
      file('cert'),
      '--tls-key-file',
      file('key'),
      '--tls-ca-cert-file',
      file('ca'),
    ];
    server = await startRedis({ args: ['--tls-port', `${port}`, '--tls-auth-clients', 'no', ...certificates] });
    const rules = [
      'on',
      `>${PASSWORD}`,
      '~{hcp-vault}:*',
      '&{hcp-vault}:*',
      '-@all',
      ...RIGHTS.map((name) => `+${name}`),
    ];
    expect(server.cli('acl', 'setuser', 'shop', ...rules)).toBe('OK');
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    server.cli('flushall');
    opened = [];
    ends = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((tier) => tier.close()));
    for (const end of ends) end();
  });

  const socket = (isTrusted = true) => ({ host: '127.0.0.1', port, ...(isTrusted && { ca }) });
  const clients: Record<string, (isTrusted?: boolean) => Promise<RedisClientLike>> = {
    ioredis: async (isTrusted) => {
      const { host, ...tls } = socket(isTrusted);
      const login = { username: 'shop', password: PASSWORD, maxRetriesPerRequest: 1 };
      const client = new Redis({ host, port, ...login, tls });
      client.on('error', () => undefined);
      ends.push(() => client.disconnect());
      return client;
    },
    'node-redis': async (isTrusted) => {
      const client = createClient({
        username: 'shop',
        password: PASSWORD,
        socket: { ...socket(isTrusted), tls: true, reconnectStrategy: isTrusted === false ? false : 100 },
        disableOfflineQueue: true,
      });
      client.on('error', () => undefined);
      await client.connect().catch(() => undefined);
      ends.push(() => client.isOpen && client.destroy());
      return client;
    },
  };
  const open = async (client: RedisClientLike, news: SharedNews[]): Promise<SharedTier> => {
    const scope = { connection: 'default', clock: new SystemClock(), tell: (told: SharedNews) => void news.push(told) };
    const tier = await redisCache({ client, key: KEY }).open(scope);
    opened.push(tier);
    return tier;
  };

  describe.each(Object.keys(clients))('by a client of %s', (kind) => {
    it('keeps, gives, takes turns and tells, by TLS alone, the listening too', async () => {
      const news: SharedNews[] = [];
      const [one, other] = [await open(await clients[kind]!(), news), await open(await clients[kind]!(), news)];
      const heard: string[] = [];
      const hear = (what: string) => (): void => void heard.push(what);
      const listener = { lost: hear('lost'), resumed: hear('resumed'), slots: () => [slotOf()] };
      other.subscribe!({ ...listener, stored: hear('stored'), announced: hear('announced') });
      while (!server.cli('pubsub', 'channels').includes('{hcp-vault}:c:')) await pause(10);
      await pause(50);
      const turn = await one.takeTurn!('due', [slotOf()]);
      expect(turn.asks).toBe(true);
      await one.put(new Map([[slotOf(), valueEntry('canary-1', { at: Date.now(), fence: turn.fence! })]]));
      await one.announce!([{ slot: slotOf() }]);
      await pause(100);
      const slot = slotOf();
      const entry = (await other.get([slot])).get(slot);
      expect(entry?.kind === 'value' && entry.given.value === 'canary-1').toBe(true);
      expect(heard).toEqual(['stored', 'announced']);
      expect(news).toEqual([]);
      const ours = server
        .cli('client', 'list')
        .split('\n')
        .filter((line) => !line.includes('cmd=client'));
      expect(ours.length).toBeGreaterThanOrEqual(3);
      for (const line of ours) expect(line).toMatch(new RegExp(`laddr=127.0.0.1:${port} .*user=shop `));
    });

    it('is refused where nobody has said that the authority is to be trusted, without a word of the password', async () => {
      const tier = await open(await clients[kind]!(false), []);
      const error: unknown = await tier.get([slotOf()]).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(Error);
      expect(String((error as Error).message).includes(PASSWORD)).toBe(false);
    });
  });

  it('by its url, where NODE_EXTRA_CA_CERTS names the authority; else each process reads for itself', async () => {
    const source = new CountingSource();
    const url = `rediss://shop:${PASSWORD}@127.0.0.1:${port}`;
    const key = Buffer.alloc(32, 3).toString('base64');
    const settings = {
      source: await source.start(),
      names: ['A'],
      every: 60_000,
      key,
      redis: [{ host: '', port: 0 }],
      url,
    };
    const [trusting, other] = [
      new Fleet(settings, { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }),
      new Fleet(settings),
    ];
    try {
      trusting.build();
      await trusting.add(1);
      const [second] = await trusting.add(1);
      expect(second!.shown.map(({ from }) => from)).toEqual(['redis']);
      expect(source.countOf('A')).toBe(1);
      other.build();
      const [alone] = await other.add(1);
      expect(alone!.shown.map(({ from }) => from)).toEqual(['source']);
      for (let tries = 0; tries < 50 && alone!.logs.length === 0; tries += 1) await pause(100);
      const told = alone!.logs.join('\n');
      expect(told).toMatch(/redis cache of "default"/);
      expect(told.includes(PASSWORD)).toBe(false);
    } finally {
      await trusting.end();
      await other.end();
      source.stop();
    }
  }, 60_000);
});
