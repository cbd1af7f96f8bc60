// The public promise of `nestjs-hcp-vault/redis`.
export { redisCache } from './redis-cache.js';
export type { RedisCacheOptions, RedisClientOptions, RedisUrlOptions } from './redis-cache.options.js';
export type { RedisClientLike } from './client/given-client.js';
export type { IoRedisLike } from './client/ioredis.js';
export type { NodeRedisLike } from './client/node-redis.js';
