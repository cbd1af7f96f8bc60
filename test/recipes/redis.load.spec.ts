import type { Redis } from 'ioredis';
import type { Rotating } from 'nestjs-hcp-vault';
import type { createClient } from 'redis';
import { describeWith } from '../servers/available.js';
import { redisProvider as ioredisProvider } from './redis/ioredis.provider.js';
import { redisProvider as nodeRedisProvider } from './redis/node-redis.provider.js';
import { redisSide } from './sides/redis.side.js';
import { underRotation } from './support/under-rotation.js';

// The files of docs/recipes/redis.md, as they stand there.
describeWith(['redis'], 'the recipe of ioredis', () => {
  underRotation({
    recipe: 'ioredis',
    page: 'redis.md',
    secret: 'REDIS',
    start: () =>
      redisSide({ secret: ({ user, password }, port) => ({ host: '127.0.0.1', port, username: user, password }) }),
    app: () => ({ providers: [ioredisProvider] }),
    work: (app) => () => app.get<Rotating<Redis>>('REDIS').use((redis) => redis.incr('counter')),
  });
});

describeWith(['redis'], 'the recipe of node-redis', () => {
  underRotation({
    recipe: 'node-redis',
    page: 'redis.md',
    secret: 'REDIS',
    start: () =>
      redisSide({
        secret: ({ user, password }, port) => ({ url: `redis://127.0.0.1:${port}`, username: user, password }),
      }),
    app: () => ({ providers: [nodeRedisProvider] }),
    work: (app) => () => app.get<ReturnType<typeof createClient>>('REDIS').incr('counter'),
  });
});
