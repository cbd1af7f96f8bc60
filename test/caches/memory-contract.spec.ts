import { describeSharedCache } from './support/describe-shared-cache.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';

describeSharedCache('the reference in memory', async () => {
  const storage = new MemoryStorage();
  return {
    cache: (options) => memorySharedCache(storage, options),
    stored: async () => [...storage.entries].map(([name, bytes]) => ({ name, bytes: Buffer.from(bytes) })),
    overwrite: async (name, bytes) => void storage.entries.set(name, bytes),
    takeAway: async () => {
      storage.failure = new Error('away');
      return async () => void (storage.failure = undefined);
    },
    end: async () => undefined,
  };
});
