import type { Cluster, Redis } from 'ioredis';
import type { createClient, createCluster } from 'redis';
import type { RedisClientLike } from 'nestjs-hcp-vault/redis';

/** A client of an app's, and what ends it. */
export interface AppClient {
  readonly client: RedisClientLike;
  end(): Promise<void>;
}

interface IoRedisModule {
  readonly Redis: typeof Redis;
  readonly Cluster: typeof Cluster;
}
interface NodeRedisModule {
  readonly createClient: typeof createClient;
  readonly createCluster: typeof createCluster;
}

/** The packages are installed under names of their own: the types of 5 serve both. */
const loadIoRedis: Record<string, () => Promise<IoRedisModule>> = {
  'ioredis 5': () => import('ioredis'),
  'ioredis 6': () => import('ioredis-6') as Promise<unknown> as Promise<IoRedisModule>,
};
const loadNodeRedis: Record<string, () => Promise<NodeRedisModule>> = {
  'node-redis 5': () => import('redis'),
  'node-redis 6': () => import('redis-6') as Promise<unknown> as Promise<NodeRedisModule>,
};

export const clientKinds = [...Object.keys(loadIoRedis), ...Object.keys(loadNodeRedis)];

export async function appClient(kind: string, port: number): Promise<AppClient> {
  const ioredis = loadIoRedis[kind];
  if (ioredis) {
    const client = new (await ioredis()).Redis(port, '127.0.0.1');
    client.on('error', () => undefined);
    return { client, end: async () => client.disconnect() };
  }
  const client = (await loadNodeRedis[kind]!()).createClient({ url: `redis://127.0.0.1:${port}` });
  client.on('error', () => undefined);
  await client.connect();
  return { client, end: async () => client.destroy() };
}

export async function clusterClient(
  kind: string,
  addresses: readonly { readonly host: string; readonly port: number }[],
): Promise<AppClient> {
  const ioredis = loadIoRedis[kind];
  if (ioredis) {
    const client = new (await ioredis()).Cluster([...addresses]);
    client.on('error', () => undefined);
    return { client, end: async () => client.disconnect() };
  }
  const rootNodes = addresses.map(({ host, port }) => ({ url: `redis://${host}:${port}` }));
  const client = (await loadNodeRedis[kind]!()).createCluster({ rootNodes });
  client.on('error', () => undefined);
  await client.connect();
  return { client, end: async () => client.destroy() };
}
