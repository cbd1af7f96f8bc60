import { FakeClock, settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, SECOND } from '../support/scripted-connection.js';
import { delays, ScriptedSource } from '../support/scripted-source.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';
import type { Replica } from './support/replica.js';
import { replica } from './support/replica.js';

const REPLICAS = 8;

describe('a secret that the other side refuses to a whole fleet', () => {
  let clock: FakeClock;
  let backend: ScriptedSource;
  let all: Replica[];
  const reads = (): number => backend.count('read');
  const valuesOf = (): unknown[] => all.map(({ client }) => client.get('DB'));

  /** Turns as Redis gives them: one holder at a time, forced ones at once. */
  const start = async (dynamic = false): Promise<void> => {
    const storage = new MemoryStorage();
    let holder: object | undefined;
    let fence = 0;
    const takeTurn = async (reason: string) => {
      if (holder && reason !== 'forced') return { asks: false as const, lookAgainIn: 50 };
      const mine = (holder = {});
      return {
        asks: true as const,
        fence: (fence += 1),
        done: () => void (holder = holder === mine ? undefined : holder),
      };
    };
    const shared = { key: Buffer.alloc(32, 7), tells: true, takeTurn, dynamic };
    all = Array.from({ length: REPLICAS }, (_, at) =>
      replica(memorySharedCache(storage, shared), backend, clock, { random: () => at / REPLICAS }),
    );
    for (const one of all) await one.start(['DB']);
    await clock.advance(MINUTE);
    backend.always.read = delays(clock, 40);
  };

  beforeEach(() => {
    clock = new FakeClock();
    backend = new ScriptedSource(clock, { can: ['revoke', 'renew'] });
  });
  afterEach(async () => {
    for (const one of all) await one.close();
  });

  it('is read about once for all who report it at once, and all have what that brings', async () => {
    backend.set('DB', { value: 'canary-1' });
    await start();
    backend.set('DB', { value: 'canary-2' });
    const before = reads();
    const reports = all.map(({ client }) => client.reportRejected('DB'));
    await clock.advance(SECOND);
    await Promise.all(reports);
    expect(valuesOf()).toEqual(Array(REPLICAS).fill('canary-2'));
    expect(reads() - before).toBe(1);
  });

  it('is read once for those who report it one after another within a second', async () => {
    backend.set('DB', { value: 'canary-1' });
    await start();
    backend.set('DB', { value: 'canary-2' });
    const before = reads();
    for (const { client } of all) {
      void client.reportRejected('DB');
      await clock.advance(100);
    }
    expect(valuesOf()).toEqual(Array(REPLICAS).fill('canary-2'));
    expect(reads() - before).toBe(1);
  });

  it('is read as often as one process reads it, while the answer stays the same, and the change is found', async () => {
    backend.set('DB', { value: 'canary-1' });
    await start();
    const before = reads();
    const since = clock.now();
    let isOver = false;
    const goOn = async (one: Replica): Promise<void> => {
      while (!isOver) {
        await one.client.reportRejected('DB');
        await clock.sleep(10);
      }
    };
    const workers = all.map(goOn);
    await clock.advance(30 * SECOND);
    // One process: at 0, 1, 3, 7, 15 s.
    expect(reads() - before).toBeLessThanOrEqual(8);
    expect(reads() - before).toBeGreaterThanOrEqual(4);
    backend.set('DB', { value: 'canary-2' });
    for (let passed = 0; passed < 60 && !valuesOf().every((value) => value === 'canary-2'); passed += 1) {
      await clock.advance(SECOND);
    }
    isOver = true;
    expect(valuesOf()).toEqual(Array(REPLICAS).fill('canary-2'));
    expect(clock.now() - since).toBeLessThan(95 * SECOND);
    await clock.advance(2 * MINUTE);
    await Promise.all(workers);
  });

  it('of one that reports what another one has read is asked for again before long', async () => {
    backend.set('DB', { value: 'canary-1' });
    await start();
    await Promise.all([all[0]!.client.reportRejected('DB'), clock.advance(100)]);
    backend.set('DB', { value: 'canary-2' }); // a moment too late
    await all[1]!.client.reportRejected('DB');
    expect(all[1]!.client.get('DB')).toBe('canary-1');
    const again = all[1]!.client.reportRejected('DB');
    await clock.advance(SECOND + 100);
    await again;
    expect(valuesOf()).toEqual(Array(REPLICAS).fill('canary-2'));
  });

  it('has shared credentials opened anew once', async () => {
    backend.set('DB', { lease: HOUR, renewable: true });
    await start(true);
    expect(backend.opened).toEqual(['DB-1']);
    const reports = all.map(({ client }) => client.reportRejected('DB'));
    await clock.advance(SECOND);
    await Promise.all(reports);
    await settled(20);
    expect(backend.opened).toEqual(['DB-1', 'DB-2']);
    expect(valuesOf()).toEqual(Array(REPLICAS).fill({ user: 'DB-2' }));
  });
});
