import KeyvRedis from '@keyv/redis';
import { CacheModule } from '@nestjs/cache-manager';
import { Module } from '@nestjs/common';
import type { createClient } from 'redis';
import { redisProvider } from './node-redis.provider.js';

@Module({ providers: [redisProvider], exports: [redisProvider] })
export class RedisModule {}

const storeOf = (client: ReturnType<typeof createClient>) =>
  Object.assign(new KeyvRedis(client), { disconnect: async () => undefined }); // its provider closes it

export const cacheModule = CacheModule.registerAsync({
  imports: [RedisModule],
  inject: ['REDIS'],
  useFactory: (redis: Parameters<typeof storeOf>[0]) => ({ stores: storeOf(redis), namespace: 'cache', ttl: 60_000 }),
});
