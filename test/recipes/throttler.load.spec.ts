import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { CompiledPackage } from '../sample-app/compiled-package.js';
import { describeWith } from '../servers/available.js';
import { startRedis } from '../servers/redis.server.js';
import { redisProvider } from './redis/ioredis.provider.js';
import { throttlerStorage } from './redis/throttler.storage.js';
import { redisSide } from './support/redis.side.js';
import { underRotation } from './support/under-rotation.js';

// The files of docs/recipes/redis.md, as they stand there.
describeWith(['redis'], 'the recipe of @nestjs/throttler', () => {
  underRotation({
    recipe: '@nestjs/throttler',
    page: 'redis.md',
    secret: 'REDIS',
    start: () =>
      redisSide({ secret: ({ user, password }, port) => ({ host: '127.0.0.1', port, username: user, password }) }),
    app: () => ({
      providers: [redisProvider, { provide: 'STORAGE', inject: ['REDIS'], useFactory: throttlerStorage }],
    }),
    work: (app) => {
      const key = `of ${Math.random()}`;
      let [asked, answered] = [0, 0];
      return async () => {
        asked += 1;
        const { totalHits, isBlocked } = await app
          .get<ThrottlerStorage>('STORAGE')
          .increment(key, 600_000, 1e6, 600_000, 'default');
        answered += 1;
        // One key for all: work that is repeated with a newer login counts once.
        if (isBlocked || totalHits > asked) throw new Error(`${totalHits} hits were counted for ${asked}.`);
        if (totalHits < 1 || totalHits + 200 < answered) throw new Error(`${totalHits} hits for ${answered}.`);
      };
    },
  });

  it('given two replicas, when requests come in, then a limit holds for both together, and ends with its window or its block', async () => {
    const server = await startRedis();
    const compiled = new CompiledPackage();
    try {
      compiled.compile('test/recipes/redis', 'redis');
      compiled.compile('test/recipes/support', 'support');
      const { stdout } = await promisify(execFile)(process.execPath, [`${compiled.folder}/support/throttled-app.js`], {
        env: { REDIS_PORT: String(server.port) },
        timeout: 25_000,
      });
      const refused = '429 after 2';
      expect(JSON.parse(stdout)).toEqual({
        first: {
          three: ['200', '200', '200', refused, refused],
          free: ['200', '200'],
          withoutBlock: ['200', refused, refused],
          closed: [refused, refused],
          blocks: ['200', '429 after 60'],
        },
        later: { three: ['200'], withoutBlock: ['200', refused], blocks: ['429 after 5x'] },
      });
    } finally {
      compiled.remove();
      await server.stop();
    }
  }, 30_000);
});
