import { FakeClock } from '../support/fake-clock.js';
import { HOUR, MINUTE } from '../support/scripted-connection.js';
import { ScriptedSource } from '../support/scripted-source.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';
import type { Replica } from './support/replica.js';
import { replica } from './support/replica.js';

const EVERY = 25 * MINUTE;

describe('one replica of a fleet that is paused', () => {
  let clock: FakeClock;
  let backend: ScriptedSource;
  let storage: MemoryStorage;
  let all: Replica[];
  let paused: Replica;
  /** By which replica the source was asked. */
  let asked: number[];
  const values = (): unknown[] => all.map(({ client }) => client.get('DB'));

  beforeEach(async () => {
    clock = new FakeClock();
    backend = new ScriptedSource(clock);
    storage = new MemoryStorage();
    backend.set('DB', { value: 'canary-1', version: '1' });
    asked = [];
    let isHeld = false;
    let fence = 0;
    const takeTurn = (number: number) => async () => {
      if (isHeld) return { asks: false as const, lookAgainIn: 20 };
      isHeld = true;
      asked.push(number);
      return { asks: true as const, fence: (fence += 1), done: () => void (isHeld = false) };
    };
    all = [0, 1, 2].map((number) => {
      const shared = { key: Buffer.alloc(32, 7), tells: true, takeTurn: takeTurn(number) };
      return replica(memorySharedCache(storage, shared), backend, clock);
    });
    for (const one of all) await one.start(['DB']);
    await clock.advance(MINUTE);
    expect(asked).toEqual([0]); // it is to be the next one too
    [paused] = all as [Replica];
  });
  afterEach(async () => {
    for (const one of all) await one.close();
  });

  it('given who reads for all, when it is paused, then another one reads when that is due, and the paused one keeps what it has', async () => {
    paused.client.pause();
    for (let interval = 2; interval < 5; interval += 1) {
      backend.set('DB', { value: `canary-${interval}`, version: String(interval) });
      await clock.advance(EVERY + MINUTE);
      expect(values()).toEqual(['canary-1', `canary-${interval}`, `canary-${interval}`]);
    }
    expect(asked.slice(1)).not.toContain(0);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  it('given a channel that the paused one hears, when it is announced, then the others read it, and it does not', async () => {
    paused.client.pause();
    backend.set('DB', { value: 'canary-2', version: '2' });
    paused.runtime.announce([{ name: 'DB', version: '2' }]);
    await clock.advance(MINUTE);
    expect(values()).toEqual(['canary-1', 'canary-2', 'canary-2']);
    backend.set('DB', { value: 'canary-3', version: '3' });
    paused.runtime.announce();
    await clock.advance(MINUTE);
    expect(values()).toEqual(['canary-1', 'canary-3', 'canary-3']);
  });

  it('given what the others have read meanwhile, when it is resumed, then it has that from the cache', async () => {
    paused.client.pause();
    backend.set('DB', { value: 'canary-2', version: '2' });
    all[1]!.runtime.announce(['DB']);
    await clock.advance(MINUTE);
    expect(paused.client.get('DB')).toBe('canary-1');
    paused.client.resume();
    await clock.advance(1_000);
    expect(values()).toEqual(Array(3).fill('canary-2'));
  });

  it('given a fleet that is paused as a whole, when all are resumed at one moment, then the source is asked a few times, and all are current', async () => {
    for (const { client } of all) client.pause();
    backend.set('DB', { value: 'canary-2', version: '2' });
    all[1]!.runtime.announce(['DB']);
    await clock.advance(5 * HOUR);
    expect(asked).toEqual([0]);
    expect(values()).toEqual(Array(3).fill('canary-1'));
    for (const { client } of all) client.resume();
    await clock.advance(5_000);
    expect(values()).toEqual(Array(3).fill('canary-2'));
    expect(asked.length - 1).toBeLessThanOrEqual(all.length);
  });
});
