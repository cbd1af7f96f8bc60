import { randomUUID } from 'node:crypto';
import { Cache } from '@nestjs/cache-manager';
import { Test } from '@nestjs/testing';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { createClient } from 'redis';
import { startRedis } from '../servers/redis.server.js';
import { describeWith } from '../servers/available.js';
import { cacheModule } from './redis/cache.module.js';
import { redisSide } from './support/redis.side.js';
import { underRotation } from './support/under-rotation.js';

// The file of docs/recipes/redis.md, as it stands there.
describeWith(['redis'], 'the recipe of cache-manager', () => {
  underRotation({
    recipe: 'cache-manager with @keyv/redis',
    page: 'redis.md',
    secret: 'REDIS',
    start: () =>
      redisSide({
        secret: ({ user, password }, port) => ({ url: `redis://127.0.0.1:${port}`, username: user, password }),
      }),
    app: () => ({ imports: [cacheModule] }),
    work: (app) => async () => {
      const cache = app.get(Cache, { strict: false });
      const key = randomUUID();
      await cache.set(key, key);
      // Keyv and cache-manager make a miss of whatever fails.
      if ((await cache.get(key)) !== key) throw new Error('What was put into the cache is not in it.');
    },
  });

  it('given a client that others use too, when the cache is cleared and ended, then theirs is kept, and what fails is a miss', async () => {
    const server = await startRedis();
    const url = `redis://127.0.0.1:${server.port}`;
    const admin = await createClient({ url }).connect();
    const rights = ['on', '>canary-p0', 'allkeys', '+@all'];
    await admin.aclSetUser('app_a', rights);
    const source = memorySource({ REDIS: { url, username: 'app_a', password: 'canary-p0' } });
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source }), cacheModule],
    }).compile();
    const cache = app.get(Cache, { strict: false });
    await cache.set('a', 1);
    await admin.set('bull:mails:1', 'a job');
    await cache.clear();
    expect(await admin.keys('*')).toEqual(['bull:mails:1']);
    await admin.aclSetUser('app_a', ['-set', '-get']);
    await cache.set('a', 1);
    expect(await cache.get('a')).toBeUndefined();
    await cache.disconnect();
    expect(await app.get<ReturnType<typeof createClient>>('REDIS', { strict: false }).ping()).toBe('PONG');
    await app.close();
    expect(await admin.clientList()).toHaveLength(1);
    await admin.close();
    await server.stop();
  }, 20_000);
});
