import { Module } from '@nestjs/common';
import { seconds, ThrottlerModule } from '@nestjs/throttler';
import { redisProvider } from './ioredis.provider.js';
import { throttlerStorage } from './throttler.storage.js';

@Module({ providers: [redisProvider], exports: [redisProvider] })
export class RedisModule {}

export const throttlerModule = ThrottlerModule.forRootAsync({
  imports: [RedisModule],
  inject: ['REDIS'],
  useFactory: (redis: Parameters<typeof throttlerStorage>[0]) => ({
    throttlers: [{ ttl: seconds(60), limit: 100 }],
    storage: throttlerStorage(redis),
  }),
});
