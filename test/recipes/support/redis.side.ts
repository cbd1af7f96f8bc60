import { Redis } from 'ioredis';
import { startRedis } from '../../servers/redis.server.js';
import type { Login, OtherSide } from './under-rotation.js';

type Connection = Record<'id' | 'user' | 'name', string>;

export interface RedisSideOptions {
  /** The secret as the client under test takes it. */
  readonly secret: (login: Login, port: number) => Record<string, string | number>;
  /** Which resource a connection belongs to; undefined while that is not known. @default each is one */
  readonly resource?: (connection: Connection) => string | undefined;
}

/** A Redis with the ACL users `app_a` and `app_b`. */
export async function redisSide({ secret, resource = ({ id }) => id }: RedisSideOptions): Promise<OtherSide> {
  const server = await startRedis();
  const admin = new Redis(server.port, '127.0.0.1');
  admin.on('error', () => undefined);
  const [, version] = /redis_version:(\S+)/.exec(await admin.info('server'))!;
  const connections = async () =>
    ((await admin.client('LIST')) as string)
      .split('\n')
      .map((line) => Object.fromEntries(line.split(' ').map((pair) => pair.split('=', 2))) as Connection)
      .filter(({ user }) => user?.startsWith('app_'));
  return {
    server: `Redis ${version}`,
    secret: (login) => secret(login, server.port),
    accept: async ({ user, password }) => {
      await admin.acl('SETUSER', user, 'reset', 'on', `>${password}`, 'allkeys', 'allchannels', '+@all');
    },
    async refuse({ user }) {
      // What logs in again by itself has done so by then. The copy that BullMQ waits with does so when it is cut off, here.
      const isOld = (connection: Connection): boolean =>
        connection.user === user && !connection.name.startsWith('bull:');
      while ((await connections()).some(isOld)) continue;
      await admin.acl('DELUSER', user);
    },
    async cut() {
      for (const { id } of await connections()) await admin.client('KILL', 'ID', Number(id));
    },
    sessions: async () => (await connections()).flatMap((connection) => resource(connection) ?? []),
    async stop() {
      admin.disconnect();
      await server.stop();
    },
  };
}
