import { redisCache } from 'nestjs-hcp-vault/redis';
import { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock } from '../../../lib/core/clock.js';
import type { SharedNews, SharedTier } from '../../../lib/core/shared/shared-cache.js';
import type { Slot } from '../../../lib/core/shared/slot.js';
import { describeWith } from '../../servers/available.js';
import { type RedisServer, startRedis } from '../../servers/redis.server.js';
import { KEY, slotOf, valueEntry } from '../support/describe-shared-cache.js';

const FENCE = '{hcp-vault}:fence';
const HOUR = 3_600_000;

describeWith(['redis'], 'who can write in Redis, and has no key,', () => {
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
  const process = async (): Promise<SharedTier> => {
    const cache = redisCache({ url: server.url, key: KEY });
    const scope = { connection: 'default', clock: new SystemClock(), tell: (told: SharedNews) => void news.push(told) };
    const tier = await cache.open(scope);
    opened.push(tier);
    return tier;
  };
  const take = async (tier: SharedTier): Promise<number> => {
    const { fence, done } = await tier.takeTurn!('forced', [slotOf()]);
    done!();
    return fence!;
  };
  const putBy = (tier: SharedTier, value: string, fence?: number, at = Date.now()): Promise<void> =>
    tier.put(new Map([[slotOf(), valueEntry(value, { at, ...(fence !== undefined && { fence }) })]]));
  const valueIn = async (tier: SharedTier, slot: Slot = slotOf()): Promise<unknown> => {
    const entry = (await tier.get([slot])).get(slot);
    return entry?.kind === 'value' ? entry.given.value : entry?.kind;
  };
  const entryKey = (): string => server.cli('keys', '{hcp-vault}:e:*');

  it('keeps nothing off with an entry that says it is the newest', async () => {
    const tier = await process();
    await putBy(tier, 'canary-1', await take(tier));
    const foreign = Buffer.alloc(200, 9).toString('base64');
    for (const garbage of [foreign, `AQ${foreign}`, 'x', '']) {
      server.cli('set', entryKey(), `9007199254740990 9007199254740990 ${garbage}`);
      expect(await valueIn(tier)).toBeUndefined();
      await pause(50);
      await putBy(tier, 'canary-2', await take(tier));
      expect(await valueIn(tier)).toBe('canary-2');
    }
  });

  it.each(['9007199254740980', '4503599627370496', 'nan', 'inf', '-inf', '1e300', '-5'])(
    'does not use up the fences with one of %s',
    async (planted) => {
      const tier = await process();
      let last = await take(tier);
      server.cli('set', FENCE, planted);
      for (let turn = 0; turn < 20; turn += 1) {
        const fence = await take(tier);
        expect(fence).toBeGreaterThan(last);
        expect(fence).toBeLessThan(Date.now() + 20 * 365 * 24 * HOUR);
        await putBy(tier, `canary-${turn}`, fence);
        expect(await valueIn(tier)).toBe(`canary-${turn}`);
        last = fence;
      }
    },
  );

  it('does not have an announcement heard again in another spelling', async () => {
    const [one, other] = [await process(), await process()];
    const heard: string[] = [];
    other.subscribe!({
      stored: () => void heard.push('stored'),
      announced: () => void heard.push('announced'),
      lost: () => undefined,
      resumed: () => undefined,
      slots: () => [slotOf()],
    });
    const spy = new Redis(server.port);
    const said: [string, string][] = [];
    spy.on('pmessage', (_, channel: string, text: string) => void said.push([channel, text]));
    await spy.psubscribe('*');
    await pause(200);
    await one.announce!([{ slot: slotOf() }]);
    await pause(100);
    const [channel, text] = said[0]!;
    const [number, sealed] = text.split(' ');
    for (const again of [
      `${sealed!.slice(0, 5)}\n${sealed!.slice(5)}`,
      `-${sealed!}`,
      `${sealed!.replace(/\//g, '_')}!`,
    ]) {
      server.cli('publish', channel, `${number} ${again}`);
    }
    await pause(100);
    spy.disconnect();
    expect(heard).toEqual(['announced']);
  });

  it('does not end the numbering of messages', async () => {
    const [one, other] = [await process(), await process()];
    other.subscribe!({
      stored: () => undefined,
      announced: () => undefined,
      lost: () => undefined,
      resumed: () => undefined,
      slots: () => [],
    });
    await one.announce!([{ slot: slotOf() }]);
    const counter = server.cli('keys', '{hcp-vault}:n:*');
    for (const planted of ['9223372036854775800', '9007199254740993', '-9000000000000000000', 'x']) {
      server.cli('set', counter, planted);
      await one.announce!([{ slot: slotOf() }]);
      expect(Number(server.cli('get', counter))).toBe(1);
    }
  });

  it('has nobody fetch what is larger than any secret', async () => {
    const tier = await process();
    await putBy(tier, 'canary-1', await take(tier));
    server.cli('setrange', entryKey(), `${100 * 1024 * 1024}`, 'x');
    const before = globalThis.process.memoryUsage().rss;
    expect(await valueIn(tier)).toBeUndefined();
    expect(globalThis.process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
    await putBy(tier, 'canary-2', await take(tier));
    expect(await valueIn(tier)).toBe('canary-2');
  });

  describe('and a clock that is ahead', () => {
    it('of one who read out of turn keeps nothing off that is read in turn, or by who has the right time', async () => {
      for (const fence of [undefined, 1]) {
        server.cli('flushall');
        const tier = await process();
        await putBy(tier, 'canary-ahead', undefined, Date.now() + 10 * 365 * 24 * HOUR);
        await putBy(tier, 'canary-now', fence && (await take(tier)));
        expect(await valueIn(tier)).toBe('canary-now');
      }
    });
  });
});
