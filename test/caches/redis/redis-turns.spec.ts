import { SecretVersion } from 'nestjs-hcp-vault';
import { redisCache } from 'nestjs-hcp-vault/redis';
import { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock } from '../../../lib/core/clock.js';
import type { SharedChange, SharedNews, SharedTier, Turn } from '../../../lib/core/shared/shared-cache.js';
import type { Slot } from '../../../lib/core/shared/slot.js';
import { describeWith } from '../../servers/available.js';
import { type RedisServer, startRedis } from '../../servers/redis.server.js';
import { KEY, OTHER_KEY, slotOf, valueEntry } from '../support/describe-shared-cache.js';

const TURN = '{hcp-vault}:t:';

describeWith(['redis'], 'turns and messages in Redis', () => {
  let server: RedisServer;
  let opened: SharedTier[];
  let news: SharedNews[];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.cli('flushall');
    opened = [];
    news = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((tier) => tier.close()));
  });

  /** Of another process each. */
  const process = async (key = KEY, connection = 'default', coordinate = true): Promise<SharedTier> => {
    const cache = redisCache({ url: server.url, key, coordinate });
    const tier = await cache.open({ connection, clock: new SystemClock(), tell: (told) => void news.push(told) });
    opened.push(tier);
    return tier;
  };
  const take = (
    tier: SharedTier,
    slot: Slot = slotOf(),
    reason: 'due' | 'forced' | 'announced' = 'due',
  ): Promise<Turn> => tier.takeTurn!(reason, [slot]);
  const valueIn = async (tier: SharedTier, slot: Slot = slotOf()): Promise<unknown> => {
    const entry = (await tier.get([slot])).get(slot);
    return entry?.kind === 'value' ? entry.given.value : entry?.kind;
  };
  const putBy = (tier: SharedTier, value: string, fence?: number): Promise<void> =>
    tier.put(new Map([[slotOf(), valueEntry(value, { at: Date.now(), ...(fence !== undefined && { fence }) })]]));
  const keys = (pattern: string): string[] => server.cli('keys', pattern).split('\n').filter(Boolean);
  /** A process that notes what it hears of this slot, once it hears. */
  const listening = async (tier: SharedTier, slots: readonly Slot[] = [slotOf()]) => {
    const heard: [string, readonly SharedChange[]][] = [];
    tier.subscribe!({
      stored: (changes) => void heard.push(['stored', changes]),
      announced: (changes) => void heard.push(['announced', changes]),
      lost: () => void heard.push(['lost', []]),
      resumed: () => void heard.push(['resumed', []]),
      slots: () => slots,
    });
    while (!server.cli('pubsub', 'channels').includes('{hcp-vault}:c:')) await pause(10);
    return heard;
  };

  describe('a turn', () => {
    it('is one process’s, until it gives it back; the next one has a higher fence', async () => {
      const [one, other] = [await process(), await process()];
      const first = await take(one);
      expect(first.asks).toBe(true);
      expect(await take(other)).toEqual({ asks: false, lookAgainIn: expect.any(Number) });
      first.done!();
      let next = await take(other);
      while (!next.asks) next = await take(other);
      expect(next.fence).toBeGreaterThan(first.fence!);
    });

    it('for other secrets is had beside it', async () => {
      const [one, other] = [await process(), await process()];
      expect((await take(one)).asks).toBe(true);
      expect((await take(other, slotOf({ name: 'ELSE' }))).asks).toBe(true);
    });

    it('is extended while the reading goes on, and over when its process is gone', async () => {
      const [one, other] = [await process(), await process()];
      expect((await take(one)).asks).toBe(true);
      await pause(2_600);
      expect((await take(other)).asks).toBe(false);
      await one.close(); // gives back what it has
      await pause(100);
      expect((await take(other)).asks).toBe(true);
    });

    it('is given at once where somebody waits for what is there now', async () => {
      const [one, other] = [await process(), await process()];
      const first = await take(one);
      const forced = await take(other, slotOf(), 'forced');
      expect(forced).toMatchObject({ asks: true });
      expect(forced.fence).toBeGreaterThan(first.fence!);
    });

    it('is not given to who has looked before another one wrote, but after it has looked again', async () => {
      const [one, other] = [await process(), await process()];
      await other.get([slotOf()]);
      const turn = await take(one);
      await putBy(one, 'canary-1', turn.fence);
      turn.done!();
      await pause(100);
      expect(await take(other)).toEqual({ asks: false, lookAgainIn: 0 });
      expect(await valueIn(other)).toBe('canary-1');
      expect((await take(other)).asks).toBe(true);
    });

    it('of what a channel has announced is given whatever was written before', async () => {
      const [one, other] = [await process(), await process()];
      await putBy(one, 'canary-1', 5);
      expect((await take(other, slotOf(), 'announced')).asks).toBe(true);
    });

    it('that somebody planted for ever, or who knows what, keeps nobody off', async () => {
      const tier = await process();
      (await take(tier)).done!();
      await pause(50);
      await take(tier); // to know the key
      const [key] = keys(`${TURN}*`);
      const other = await process();
      server.cli('set', key!, 'planted');
      expect((await take(other)).asks).toBe(true);
      server.cli('del', key!);
      server.cli('lpush', key!, 'planted');
      await other.close();
      expect((await take(await process())).asks).toBe(true);
    });

    it('is nobody’s business without `coordinate`', async () => {
      expect((await process(KEY, 'default', false)).takeTurn).toBeUndefined();
    });
  });

  describe('the fence', () => {
    const lose = {
      'all is lost (FLUSHALL)': () => server.cli('flushall'),
      'its counter is lost': () => server.cli('del', '{hcp-vault}:fence'),
      'its counter is overwritten': () => server.cli('set', '{hcp-vault}:fence', 'x'),
      'its counter is as high as can be': () => server.cli('set', '{hcp-vault}:fence', '9007199254740991'),
      'the scripts are lost': () => server.cli('script', 'flush'),
    };

    it.each(Object.entries(lose))('grows on where %s', async (_, loss) => {
      const one = await process();
      const turn = await take(one);
      await putBy(one, 'canary-1', turn.fence);
      turn.done!();
      loss();
      const other = await process(); // which has never seen one
      await other.get([slotOf()]);
      const next = await take(other, slotOf(), 'forced');
      expect(next.fence).toBeGreaterThan(turn.fence!);
      await putBy(other, 'canary-2', next.fence);
      await putBy(one, 'canary-late', turn.fence);
      expect(await valueIn(one)).toBe('canary-2');
    });

    it('of who stood still past its turn is too low by then', async () => {
      const [one, other] = [await process(), await process()];
      const frozen = await take(one, slotOf(), 'forced');
      const turn = await take(other, slotOf(), 'forced');
      await putBy(other, 'canary-new', turn.fence);
      await putBy(one, 'canary-old', frozen.fence);
      expect(await valueIn(one)).toBe('canary-new');
    });
  });

  describe('messages', () => {
    it('tell all others of what was put, and of what was announced, with the version', async () => {
      const [one, other] = [await process(), await process()];
      const [own, heard] = [await listening(one), await listening(other)];
      await pause(100);
      await putBy(one, 'canary-1');
      await one.announce!([{ slot: slotOf(), version: 'v2' }]);
      await pause(100);
      expect(heard.map(([type, [change]]) => [type, change?.slot.name, change?.version])).toEqual([
        ['stored', 'DB', 'v1'],
        ['announced', 'DB', 'v2'],
      ]);
      expect(own).toEqual([]);
    });

    it('are of one connection, and of those who have the key', async () => {
      const heard = await listening(await process());
      await pause(100);
      await (
        await process(OTHER_KEY)
      ).announce!([{ slot: slotOf() }]);
      await (
        await process(KEY, 'other')
      ).announce!([{ slot: slotOf() }]);
      await pause(100);
      expect(heard).toEqual([]);
    });

    it('reach who has another order of the same keys', async () => {
      const cache = (key: readonly Uint8Array[]) => redisCache({ url: server.url, key });
      const scope = { connection: 'default', clock: new SystemClock(), tell: () => undefined };
      const [one, other] = [await cache([KEY, OTHER_KEY]).open(scope), await cache([OTHER_KEY, KEY]).open(scope)];
      opened.push(one, other);
      const heard = await listening(other);
      await pause(100);
      await putBy(one, 'canary-1');
      await pause(100);
      expect(heard.map(([type]) => type)).toEqual(['stored']);
      expect((await take(one)).asks).toBe(true);
      expect((await take(other)).asks).toBe(false);
    });

    it('that are forged, repeated or garbage are no news, and no error', async () => {
      const [one, other] = [await process(), await process()];
      const heard = await listening(other);
      const spy = new Redis(server.port);
      const said: [string, string][] = [];
      spy.on('pmessage', (_, channel: string, text: string) => void said.push([channel, text]));
      await spy.psubscribe('*');
      await pause(100);
      await one.announce!([{ slot: slotOf() }]);
      await pause(100);
      expect(heard).toHaveLength(1);
      const [channel, text] = said[0]!;
      expect(text).not.toMatch(/DB|canary|default/);
      for (const forged of [
        text,
        text.slice(0, -4) + 'AAAA',
        '2 garbage',
        '',
        'NaN x',
        '-1 ',
        text.replace(/^\d+/, '2'),
      ]) {
        server.cli('publish', channel, forged);
      }
      await pause(100);
      spy.disconnect();
      expect(heard).toHaveLength(1);
      expect(news.map(({ type }) => type)).toEqual(expect.arrayContaining(['refused']));
    });

    it('that are forged say nothing of what was missed, whatever their numbers: nobody looks for it, and what is missed is noticed', async () => {
      const [one, other] = [await process(), await process()];
      const heard = await listening(other);
      const spy = new Redis(server.port);
      let said: readonly [string, string] | undefined;
      spy.on('pmessage', (_, channel: string, text: string) => void (said = [channel, text]));
      await spy.psubscribe('*');
      await pause(100);
      await one.announce!([{ slot: slotOf() }]);
      await pause(100);
      spy.disconnect();
      const [channel, text] = said!;
      for (let number = 100; number < 2_000; number += 100) {
        server.cli('publish', channel, `${number} forged`);
        server.cli('publish', channel, text.replace(/^\d+/, `${number + 50}`));
      }
      await pause(100);
      expect(heard.map(([type]) => type)).toEqual(['announced']);
      server.cli('incr', keys('{hcp-vault}:n:*')[0]!);
      await one.announce!([{ slot: slotOf() }]);
      await pause(100);
      expect(heard.map(([type]) => type)).toEqual(['announced', 'announced', 'resumed']);
    });

    it('whose numbers are tampered with again and again have all looked for once a second', async () => {
      const [one, other] = [await process(), await process()];
      const heard = await listening(other);
      await pause(100);
      for (let time = 0; time < 10; time += 1) {
        await one.announce!([{ slot: slotOf() }]);
        server.cli('incrby', keys('{hcp-vault}:n:*')[0]!, '5');
      }
      await pause(1_200);
      expect(heard.filter(([type]) => type === 'announced')).toHaveLength(10);
      const looks = heard.filter(([type]) => type === 'resumed').length;
      expect(looks).toBeGreaterThan(1); // the last is not forgotten
      expect(looks).toBeLessThanOrEqual(3);
    });

    it('are found to be of a secret without a look at all that there are', async () => {
      const [one, other] = [await process(), await process()];
      const inUse = Array.from({ length: 50 }, (_, at) => slotOf({ name: `S${at}` }));
      let passed = 0;
      const heard: string[] = [];
      other.subscribe!({
        stored: (changes) => changes.forEach(({ slot }) => heard.push(slot.name)),
        announced: (changes) => changes.forEach(({ slot }) => heard.push(slot.name)),
        lost: () => undefined,
        resumed: () => undefined,
        *slots() {
          for (const slot of inUse) {
            passed += 1;
            yield slot;
          }
        },
      });
      const late = slotOf({ name: 'LATE' });
      await other.get([late]); // as the core does with each secret before the source is asked
      await pause(200);
      passed = 0;
      for (const slot of [inUse[7]!, late, slotOf({ name: 'FOREIGN' }), inUse[49]!]) await one.announce!([{ slot }]);
      await pause(200);
      expect(heard).toEqual(['S7', 'LATE', 'S49']);
      expect(passed).toBe(0);
    });

    it('that were missed are noticed: a gap in their numbers, and a lost connection', async () => {
      const [one, other] = [await process(), await process()];
      const heard = await listening(other);
      await pause(100);
      await one.announce!([{ slot: slotOf() }]);
      const [counter] = keys('{hcp-vault}:n:*');
      server.cli('incr', counter!);
      await one.announce!([{ slot: slotOf() }]);
      await pause(100);
      expect(heard.map(([type]) => type)).toEqual(['announced', 'announced', 'resumed']);
      heard.length = 0;
      server.cli('client', 'kill', 'type', 'pubsub');
      await pause(1_000);
      expect(heard.map(([type]) => type)).toEqual(['lost', 'resumed']);
    });
  });

  it('refuses an entry whose order was changed by somebody else, and takes the next one', async () => {
    const tier = await process();
    await putBy(tier, 'canary-1', 7);
    const [key] = keys('{hcp-vault}:e:*');
    const stored = server.cli('get', key!);
    server.cli('set', key!, stored.replace(/^7 /, '9007199254740000 '));
    expect(await valueIn(tier)).toBeUndefined();
    expect(news.map(({ type }) => type)).toContain('refused');
    await pause(50);
    await putBy(tier, 'canary-2', 8);
    expect(await valueIn(tier)).toBe('canary-2');
  });

  it('lets what nobody writes expire, and a lease with its end', async () => {
    const cache = redisCache({ url: server.url, key: KEY, shareDynamic: true });
    const tier = await cache.open({ connection: 'default', clock: new SystemClock(), tell: () => undefined });
    opened.push(tier);
    const { Lease } = await import('nestjs-hcp-vault');
    const given = SecretVersion.of('canary-1', { version: '1', lease: Lease.of({ duration: '1h' }) });
    const slot = slotOf({ name: 'LEASED' });
    await tier.put(new Map([[slot, { kind: 'value', at: Date.now(), given, endsAt: Date.now() + 3_600_000 }]]));
    await putBy(tier, 'canary-2');
    const lives = keys('*').map((key) => Number(server.cli('pttl', key)));
    expect(lives.filter((left) => left > 0 && left <= 3_600_000)).toHaveLength(1);
    expect(Math.min(...lives)).toBeGreaterThan(0);
  });

  it('leaves no connection of ours, and the app’s own client as it was', async () => {
    const client = new Redis(server.port, { connectionName: 'the-apps' });
    await client.ping();
    const before = client.listenerCount('error');
    const cache = redisCache({ client, key: KEY });
    const scope = { connection: 'default', clock: new SystemClock(), tell: () => undefined };
    const tier = await cache.open(scope);
    await listening(tier);
    await putBy(tier, 'canary-1');
    await tier.close();
    await pause(200);
    expect(server.cli('client', 'list').match(/name=the-apps/g)).toHaveLength(1);
    expect(client.listenerCount('error')).toBe(before);
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  it('works for a user with no more rights than the page says', async () => {
    const rules = ['on', '>canary-password', '~{hcp-vault}:*', '&{hcp-vault}:*', '-@all'];
    const commands = [
      'eval',
      'evalsha',
      'get',
      'set',
      'del',
      'incr',
      'pexpire',
      'pttl',
      'strlen',
      'time',
      'publish',
      'subscribe',
    ];
    const clients = ['ping', 'info', 'quit', 'unsubscribe', 'hello'];
    const made = server.cli(
      'acl',
      'setuser',
      'fleet',
      ...rules,
      ...[...commands, ...clients].map((name) => `+${name}`),
    );
    expect(made).toBe('OK');
    const url = `redis://fleet:canary-password@127.0.0.1:${server.port}`;
    const cache = redisCache({ url, key: KEY });
    const told: SharedNews[] = [];
    const scope = { connection: 'default', clock: new SystemClock(), tell: (one: SharedNews) => void told.push(one) };
    const [one, other] = [await cache.open(scope), await cache.open(scope)];
    opened.push(one, other);
    const heard = await listening(other);
    await pause(200);
    const turn = await take(one);
    await putBy(one, 'canary-1', turn.fence);
    turn.done!();
    await one.remove([slotOf({ name: 'NEVER' })]);
    await one.announce!([{ slot: slotOf() }]);
    await pause(200);
    expect(await valueIn(other)).toBe('canary-1');
    expect(heard.map(([type]) => type)).toEqual(['stored', 'announced']);
    expect(told).toEqual([]);
    expect(server.cli('acl', 'log')).toBe('');
  });
});
