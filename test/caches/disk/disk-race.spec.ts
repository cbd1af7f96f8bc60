import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskCache } from 'nestjs-hcp-vault';
import { SystemClock } from '../../../lib/core/clock.js';
import type { SharedNews, SharedTier } from '../../../lib/core/shared/shared-cache.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { KEY, slotOf, valueEntry } from '../support/describe-shared-cache.js';

const WRITERS = 6;
const ROUNDS = 25;
const NAMES = ['A', 'B'];

describe('several who write one folder of diskCache at once', () => {
  let dir: string;
  let news: SharedNews[];
  afterEach(() => removeFolders());
  beforeEach(() => {
    dir = join(temporaryFolder(), 'cache');
    news = [];
  });

  /** Each as another process: it shares nothing but the folder. */
  const open = (): Promise<SharedTier> =>
    diskCache({ dir, key: KEY }).open({
      connection: 'default',
      clock: new SystemClock(),
      tell: (told) => void news.push(told),
    });
  const put = (tier: SharedTier, at: number, name = 'A'): Promise<void> =>
    tier.put(new Map([[slotOf({ name }), valueEntry(`canary-${at}`, { at })]]));
  const ageIn = async (tier: SharedTier, name = 'A'): Promise<number | undefined> => {
    const slot = slotOf({ name });
    return (await tier.get([slot])).get(slot)?.at;
  };
  /** Of the lock of the first file. */
  const lock = (): string => join(dir, `${readdirSync(dir).find((name) => name.endsWith('.sealed'))!}.lock.tmp`);

  it('the newest is there in the end, whoever was the last to write', async () => {
    const tiers = await Promise.all(Array.from({ length: WRITERS }, open));
    for (let round = 0; round < ROUNDS; round += 1) {
      const base = Date.now() - 1_000_000 + round * 100;
      const order = tiers.map((_, at) => (at * 5 + round) % WRITERS);
      await Promise.all(tiers.flatMap((tier, at) => NAMES.map((name) => put(tier, base + order[at]!, name))));
      for (const name of NAMES) expect(await ageIn(tiers[0]!, name)).toBe(base + WRITERS - 1);
    }
    expect(news).toEqual([]);
    expect(readdirSync(dir).filter((name) => !name.endsWith('.sealed'))).toEqual([]);
  }, 60_000);

  it('a lock that a killed process has left is waited for, and no longer than some seconds', async () => {
    const tier = await open();
    await put(tier, 1);
    writeFileSync(lock(), '', { mode: 0o600 });
    const began = Date.now();
    await Promise.all([put(tier, 2), put(await open(), 3)]);
    expect(await ageIn(tier)).toBe(3);
    expect(Date.now() - began).toBeGreaterThan(1_000);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(readdirSync(dir)).toHaveLength(1);
  }, 20_000);

  it('a lock that is old, or from the future, is none', async () => {
    const tier = await open();
    await put(tier, 1);
    for (const [at, time] of [0, Date.now() / 1_000 + 1_000_000].entries()) {
      const path = lock();
      writeFileSync(path, '', { mode: 0o600 });
      utimesSync(path, time, time);
      const began = Date.now();
      await put(tier, 2 + at);
      expect(Date.now() - began).toBeLessThan(1_900); // one that is held is waited for longer
      expect(() => statSync(path)).toThrow();
    }
  });
});
