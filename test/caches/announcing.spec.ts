import { FakeClock, settled } from '../support/fake-clock.js';
import { MINUTE } from '../support/scripted-connection.js';
import { ScriptedSource } from '../support/scripted-source.js';
import type { SharedChange } from '../../lib/core/shared/shared-cache.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';
import type { Replica } from './support/replica.js';
import { replica } from './support/replica.js';

describe('what one replica of a fleet has announced', () => {
  let clock: FakeClock;
  let backend: ScriptedSource;
  let storage: MemoryStorage;
  let all: Replica[];
  const valuesOf = (name: string): unknown[] => all.map(({ client }) => client.get(name));

  beforeEach(async () => {
    clock = new FakeClock();
    backend = new ScriptedSource(clock, { can: ['readAll', 'list'] });
    storage = new MemoryStorage();
    backend.set('DB', { value: 'canary-1' });
    backend.set('API', { value: 'canary-2' });
    let holder = 0;
    let fence = 0;
    const takeTurn = async () => {
      if (holder > 0) return { asks: false as const, lookAgainIn: 20 };
      holder += 1;
      fence += 1;
      return { asks: true as const, fence, done: () => void (holder -= 1) };
    };
    const shared = { key: Buffer.alloc(32, 7), tells: true, takeTurn };
    all = Array.from({ length: 5 }, () => replica(memorySharedCache(storage, shared), backend, clock));
    // Each with a secret that the first one does not know.
    for (const [at, one] of all.entries()) await one.start(at === 0 ? ['DB'] : ['DB', 'API']);
    await clock.advance(MINUTE);
  });
  afterEach(async () => {
    for (const one of all) await one.close();
  });

  it('without names reaches all others, and what they alone know of, and costs the source a few readings', async () => {
    backend.set('DB', { value: 'canary-3' });
    backend.set('API', { value: 'canary-4' });
    const before = backend.count('read');
    all[0]!.runtime.announce();
    await clock.advance(2_000);
    expect(valuesOf('DB')).toEqual(Array(5).fill('canary-3'));
    expect(all.slice(1).map(({ client }) => client.get('API'))).toEqual(Array(4).fill('canary-4'));
    await clock.advance(MINUTE);
    const cost = backend.count('read') - before;
    expect(cost).toBeGreaterThanOrEqual(2);
    expect(cost).toBeLessThanOrEqual(5);
  });

  it('is told on by nobody who was told of it', async () => {
    const heard: (readonly SharedChange[])[] = [];
    storage.listeners.add({
      stored: () => undefined,
      announced: (changes) => void heard.push(changes),
      lost: () => undefined,
      resumed: () => undefined,
      slots: () => [],
    });
    all[0]!.runtime.announce();
    all[0]!.runtime.announce([{ name: 'DB' }]);
    await clock.advance(MINUTE);
    expect(heard.flat().map(({ slot }) => slot.kind)).toEqual(['listing', 'secret']);
  });

  it('in a storm is few messages, and nothing of it is lost', async () => {
    const heard: (readonly SharedChange[])[] = [];
    storage.listeners.add({
      stored: () => undefined,
      announced: (changes) => void heard.push(changes),
      lost: () => undefined,
      resumed: () => undefined,
      slots: () => [],
    });
    const names = Array.from({ length: 1_000 }, (_, at) => ({ name: `N${at % 200}` }));
    all[0]!.runtime.announce(names);
    for (const name of names) all[0]!.runtime.announce([name]);
    await settled(20);
    expect(new Set(heard.flat().map(({ slot }) => slot.name)).size).toBe(200);
    expect(heard.length).toBeLessThanOrEqual(2);
  });
});
