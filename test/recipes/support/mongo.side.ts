import { MongoClient } from 'mongodb';
import { startFerretDb } from '../../servers/ferretdb.server.js';
import { toldProxy } from './told-proxy.js';
import type { OtherSide } from './under-rotation.js';

/** A server of MongoDB's protocol whose users `app_a` and `app_b` read one collection. Connections tell the turn of their login as `appName`. */
export async function mongoSide(): Promise<OtherSide> {
  const server = await startFerretDb();
  const admin = await new MongoClient(server.connectionString).connect();
  const database = admin.db('admin');
  await database.collection('account').insertOne({ id: 'a', balance: 1000 });
  for (const user of ['app_a', 'app_b']) await database.command({ createUser: user, pwd: 'made-up', roles: [] });
  const proxy = await toldProxy(server.port, /turn-\d+/);
  return {
    server: `FerretDB ${server.version}`,
    secret: ({ user, password, turn }) => ({
      url: `mongodb://${user}:${password}@127.0.0.1:${proxy.port}/admin?authMechanism=SCRAM-SHA-256&appName=turn-${turn}&maxPoolSize=10`,
    }),
    accept: async ({ user, password }) => void (await database.command({ updateUser: user, pwd: password })),
    // It can't lock users: one whose password nobody knows can't log in either.
    refuse: async ({ user }) => void (await database.command({ updateUser: user, pwd: 'of nobody' })),
    cut: async () => proxy.cut(),
    sessions: async () => proxy.sessions(),
    async stop() {
      proxy.stop();
      await admin.close();
      await server.stop();
    },
  };
}
