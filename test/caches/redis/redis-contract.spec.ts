import { redisCache } from 'nestjs-hcp-vault/redis';
import { describeWith } from '../../servers/available.js';
import { type RedisServer, startRedis } from '../../servers/redis.server.js';
import { describeSharedCache, type SharedHarness } from '../support/describe-shared-cache.js';
import { appClient, clientKinds } from './support/clients.js';

const KEY = /^\{hcp-vault\}:e:/;

describeWith(['redis'], 'redisCache keeps the contract', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  /** `fence at sealed`, as bytes behind what stands in the open. */
  const sealedIn = (stored: string): { head: string; bytes: Buffer } => {
    const at = stored.lastIndexOf(' ') + 1;
    return { head: stored.slice(0, at), bytes: Buffer.from(stored.slice(at), 'base64') };
  };

  const stored: SharedHarness['stored'] = async () =>
    server
      .cli('--no-raw', 'keys', '*')
      .split('\n')
      .map((line) => /"(.*)"/.exec(line)?.[1] ?? '')
      .filter(Boolean)
      .map((name) => {
        const text = server.cli('get', name);
        return { name, bytes: KEY.test(name) ? sealedIn(text).bytes : Buffer.from(text) };
      });

  const harnessOf = (makeCache: SharedHarness['cache'], end: () => Promise<void>): SharedHarness => {
    server.cli('flushall');
    return {
      cache: makeCache,
      stored,
      overwrite: async (name, bytes) => {
        server.cli('set', name, sealedIn(server.cli('get', name)).head + bytes.toString('base64'));
      },
      takeAway: async () => {
        server.freeze();
        return async () => server.thaw();
      },
      end,
    };
  };

  // Of ioredis 5 it is the one that `url` takes.
  describe.each(clientKinds.filter((kind) => kind !== 'ioredis 5'))('with a client of %s', (kind) => {
    describeSharedCache(kind, async () => {
      const { client, end } = await appClient(kind, server.port);
      return harnessOf(({ key, dynamic }) => redisCache({ client, key, shareDynamic: dynamic ?? false }), end);
    });
  });

  describeSharedCache('by its url', async () =>
    harnessOf(
      ({ key, dynamic }) => redisCache({ url: server.url, key, shareDynamic: dynamic ?? false }),
      async () => undefined,
    ),
  );
});
