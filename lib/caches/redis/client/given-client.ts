import { SecretConfigurationError } from '../../../core/errors/index.js';
import { foreignCause } from '../../../core/errors/foreign-cause.js';
import { IoRedisConnection, isIoRedis, type IoRedisLike } from './ioredis.js';
import { isNodeRedis, NodeRedisConnection, type NodeRedisLike } from './node-redis.js';
import { reconnectDelay, type RedisConnection } from './redis-connection.js';

/** A client of ioredis or of node-redis, of one server or of a cluster. */
export type RedisClientLike = IoRedisLike | NodeRedisLike;

const CONNECTING = 5_000;

/** Of a client that the app has, and closes itself. Throws SecretConfigurationError for what is none. */
export function givenConnection(client: unknown): () => Promise<RedisConnection> {
  if (isIoRedis(client)) return () => Promise.resolve(new IoRedisConnection(client, false));
  if (isNodeRedis(client)) return () => Promise.resolve(new NodeRedisConnection(client, false));
  throw new SecretConfigurationError(
    'option "client" of redisCache is not a client of ioredis 5 or later, nor of redis (node-redis) 5 or later.',
    {
      advice:
        'Give `new Redis(…)` or `new Cluster(…)` of ioredis, `createClient(…)` or `createCluster(…)` of redis, or `url`.',
    },
  );
}

/** By whichever of the two packages is installed. Throws SecretConfigurationError, without the address, for what is none. */
export function connectionTo(url: string): () => Promise<RedisConnection> {
  const isAddress = URL.canParse(url) && ['redis:', 'rediss:'].includes(new URL(url).protocol);
  if (!isAddress) {
    throw new SecretConfigurationError('option "url" of redisCache is not an address of a Redis.', {
      advice: 'It is redis://host:6379, or rediss://user:password@host:6379 with TLS.',
    });
  }
  return async () => (await byIoRedis(url)) ?? (await byNodeRedis(url)) ?? missing();
}

async function byIoRedis(url: string): Promise<RedisConnection | undefined> {
  const ioredis = await installed(() => import('ioredis'));
  if (!ioredis) return undefined;
  const times = { connectTimeout: CONNECTING, retryStrategy: reconnectDelay, maxRetriesPerRequest: 1 };
  const Redis = ioredis.Redis ?? ioredis.default;
  return new IoRedisConnection(new Redis(url, { ...times, lazyConnect: true }), true);
}

async function byNodeRedis(url: string): Promise<RedisConnection | undefined> {
  const redis = await installed(() => import('redis'));
  if (!redis) return undefined;
  const socket = { connectTimeout: CONNECTING, reconnectStrategy: reconnectDelay };
  return new NodeRedisConnection(redis.createClient({ url, socket, disableOfflineQueue: true }), true);
}

/** Undefined where it is not installed. */
async function installed<M>(load: () => Promise<M>): Promise<M | undefined> {
  try {
    return await load();
  } catch (cause) {
    if (String(foreignCause(cause)?.code).endsWith('MODULE_NOT_FOUND')) return undefined;
    throw cause;
  }
}

function missing(): never {
  throw new SecretConfigurationError('redisCache needs the package ioredis or redis where it is given a url.', {
    advice: 'npm install ioredis',
  });
}
