import { Redis, type RedisOptions } from 'ioredis';
import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';

/** Injected as `Rotating<Redis>`. */
export const redisProvider = rotatingProvider<Redis, 'REDIS'>({
  provide: 'REDIS',
  secret: 'REDIS',
  create: (login) => new Redis({ ...(login as RedisOptions), lazyConnect: true }).on('error', () => undefined),
  validate: (redis) => redis.ping(),
  dispose: (redis) => redis.disconnect(),
  rejects: rejectsOf.redis,
});
