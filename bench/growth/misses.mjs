// What does one more secret cost where there are many already?
import { SecretVersion } from 'nestjs-hcp-vault';
import { median, names, startApp } from './app.mjs';

const ROUNDS = 9;
const MISSES = 40;

/** Every name exists; reading it costs next to nothing. */
const instant = {
  kind: 'instant',
  read: async (asked) => new Map(asked.map((name) => [name, SecretVersion.of('a value', { version: '1' })])),
};

async function fullCache(size) {
  const { client, close } = await startApp({ source: instant, cache: { maxEntries: size, maxAge: '1d' } });
  await Promise.all(names(size, 'OLD').map((name) => client.fetch(name)));
  let next = 0;
  return {
    close,
    /** Microseconds of one miss, which also pushes one secret out. */
    async miss() {
      const begun = performance.now();
      for (let i = 0; i < MISSES; i += 1) await client.fetch(`NEW_${next++}`);
      return ((performance.now() - begun) / MISSES) * 1000;
    },
  };
}

/** Microseconds of a miss for each size of the cache: the sizes take turns, the median counts. */
export async function measureMisses(sizes) {
  const caches = [];
  for (const size of sizes) caches.push(await fullCache(size));
  const samples = sizes.map(() => []);
  for (const { miss } of caches) for (let i = 0; i < 3; i += 1) await miss();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { miss }] of caches.entries()) samples[index].push(await miss());
  }
  for (const { close } of caches) await close();
  return samples.map(median);
}
