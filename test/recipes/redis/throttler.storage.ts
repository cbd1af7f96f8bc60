import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import type { Rotating } from 'nestjs-hcp-vault';

const HIT = `local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
if hits == ARGV[2] + 1 and tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return { hits, redis.call('PTTL', KEYS[1]) }`;

export const throttlerStorage = (redis: Rotating<Redis>): ThrottlerStorage => ({
  async increment(key, ttl, limit, block, name) {
    const hit = await redis.use((client) => client.eval(HIT, 1, `throttle:${name}:${key}`, ttl, limit, block));
    const [totalHits, left] = hit as [number, number];
    const timeToExpire = Math.ceil(left / 1000);
    return { totalHits, timeToExpire, isBlocked: totalHits > limit, timeToBlockExpire: timeToExpire };
  },
});
