import type { SharedTier } from '../../lib/core/shared/shared-cache.js';
import { isAsNew } from '../../lib/core/shared/shared-entry.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { MINUTE, SECOND } from '../support/scripted-connection.js';
import { ScriptedSource } from '../support/scripted-source.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';
import { type Replica, replica } from './support/replica.js';

const EVERY = 25 * MINUTE;

describe('reading in turn, for all who share a cache', () => {
  let clock: FakeClock;
  let backend: ScriptedSource;
  let storage: MemoryStorage;
  let replicas: Replica[];
  let fence: number;
  const takeTurn: SharedTier['takeTurn'] = async () => ({ asks: true, fence: (fence += 1) });
  const started = async (random: number, turns: SharedTier['takeTurn'] = takeTurn): Promise<Replica> => {
    const cache = memorySharedCache(storage, { key: Buffer.alloc(32, 7), tells: true, takeTurn: turns });
    const one = replica(cache, backend, clock, { random: () => random });
    replicas.push(one);
    await one.start(['DB']);
    return one;
  };
  const dueIn = (one: Replica): number => one.statusOf('DB')!.nextRefreshAt!.getTime() - clock.wall();

  beforeEach(() => {
    clock = new FakeClock();
    backend = new ScriptedSource(clock);
    storage = new MemoryStorage();
    replicas = [];
    fence = 0;
    backend.set('DB', { value: 'canary-1' });
  });
  afterEach(async () => {
    for (const one of replicas) await one.close();
  });

  it('is due when the interval is over, and not by chance before; for those who were told a little later', async () => {
    const [reader, other] = [await started(0.9), await started(0.9)];
    expect(dueIn(reader)).toBeCloseTo(EVERY, -3);
    expect(dueIn(other) - dueIn(reader)).toBeGreaterThan(SECOND);
    expect(dueIn(other) - dueIn(reader)).toBeLessThan(3 * SECOND);
  });

  it('out of turn it is due by chance, as ever', async () => {
    expect(dueIn(await started(0.9, async () => ({ asks: true })))).toBeLessThan(0.6 * EVERY);
  });

  it('is done by the same process again, once an interval, and the others have it at once', async () => {
    const all = [await started(0.1), await started(0.5), await started(0.9)];
    const before = backend.count('read');
    for (let interval = 2; interval < 6; interval += 1) {
      backend.set('DB', { value: `canary-${interval}` });
      await clock.advance(EVERY);
      await settled(40);
      expect(all.map(({ client }) => client.get('DB'))).toEqual(Array(3).fill(`canary-${interval}`));
    }
    expect(backend.count('read')).toBe(before + 4);
  });

  it('is spread out when the cache is lost', async () => {
    const one = await started(0.3);
    await clock.advance(5 * MINUTE);
    storage.failure = new Error('away');
    await one.client.refresh('DB').catch(() => undefined); // a put that fails: `random` draws 0.3 of what is left
    await settled(40);
    expect(dueIn(one)).toBeLessThan(0.9 * EVERY);
    storage.failure = undefined;
    await clock.advance(2 * MINUTE); // the put is tried again
    expect(dueIn(one)).toBeCloseTo(EVERY - 2 * MINUTE, -3);
  });

  it('what was read out of turn takes the place of nothing that was read in turn, whatever the clocks say', () => {
    expect(isAsNew({ at: 99 }, { at: 1, fence: 1 })).toBe(false);
    expect(isAsNew({ at: 99, fence: 1 }, { at: 1 })).toBe(true);
    expect(isAsNew({ at: 1, fence: 2 }, { at: 99, fence: 1 })).toBe(true);
  });
});
