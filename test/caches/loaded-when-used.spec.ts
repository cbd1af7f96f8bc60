import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import type { SharedCache } from '../../lib/core/shared/shared-cache.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { ScriptedSource } from '../support/scripted-source.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';

const KEY = [{ name: 'KEY', need: 'required' }] as const;

describe('shared caches, which are loaded when they are used', () => {
  let backend: ScriptedSource;
  let opened: number;
  let closed: number;
  const runtimeWith = (clock = new FakeClock()): SecretRuntime => {
    backend = new ScriptedSource(clock);
    backend.set('KEY', { value: 'canary-1' });
    const cache = memorySharedCache(new MemoryStorage(), { key: Buffer.alloc(32, 7) });
    [opened, closed] = [0, 0];
    const sharedCache: SharedCache = {
      kind: cache.kind,
      async open(scope) {
        opened += 1;
        const tier = await cache.open(scope);
        const close = tier.close.bind(tier);
        tier.close = () => {
          closed += 1;
          return close();
        };
        return tier;
      },
    };
    return new SecretRuntime({ clock, source: backend.source, sharedCache });
  };

  it('given a connection that has not started, then its status names its caches, and nothing was opened', async () => {
    const runtime = runtimeWith();
    expect(runtime.caches.statuses).toEqual([{ kind: 'memory', state: 'closed' }]);
    await settled(5);
    expect(opened).toBe(0);
    await runtime.shutdown();
    expect(opened).toBe(0);
  });

  it('given a secret that is read before the start, then the cache is asked for it, and holds it', async () => {
    const runtime = runtimeWith();
    await runtime.provide(runtime.pin('KEY'));
    expect(opened).toBe(1);
    expect(runtime.caches.statuses).toMatchObject([{ state: 'well' }]);
    await runtime.bootstrap(KEY, 'decorated');
    expect([opened, backend.count('read')]).toEqual([1, 1]);
    await runtime.shutdown();
    expect([opened, closed]).toEqual([1, 1]);
  });

  it('given a start that is ended in the same turn, then whatever it opened is closed', async () => {
    const runtime = runtimeWith();
    const starting = runtime.bootstrap(KEY, 'decorated').catch(() => undefined);
    await runtime.shutdown();
    await starting;
    await settled(5);
    expect(closed).toBe(opened);
    expect(runtime.caches.statuses).toMatchObject([{ state: 'closed' }]);
  });

  it('given an app that was shut down before its start, when it starts all the same, then no cache is opened', async () => {
    const runtime = runtimeWith();
    await runtime.shutdown();
    await expect(runtime.bootstrap(KEY, 'decorated')).rejects.toThrow();
    await settled(5);
    expect([opened, closed]).toEqual([0, 0]);
  });
});
