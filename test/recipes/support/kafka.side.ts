import { Kafka } from 'kafkajs';
import { freePort } from '../../servers/child.server.js';
import { startKafka } from '../../servers/kafka.server.js';
import { toldProxy } from './told-proxy.js';
import type { OtherSide } from './under-rotation.js';

/** A Kafka with the users `app_a` and `app_b`, and the topic `orders` of one partition. It counts the connections of all clients of one app as one. */
export async function kafkaSide(): Promise<OtherSide> {
  const port = await freePort();
  const proxy = await toldProxy(port, /orders/); // the `clientId`, which each request tells
  const server = await startKafka({ port, advertisedPort: proxy.port });
  const admin = new Kafka({ brokers: [server.openBroker] }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'orders' }] });
  await admin.disconnect();
  return {
    server: `Kafka ${server.version}`,
    secret: ({ user, password }) => ({
      brokers: [server.broker],
      mechanism: 'scram-sha-512',
      username: user,
      password,
    }),
    accept: ({ user, password }) => server.setUser(user, password),
    refuse: ({ user }) => server.deleteUser(user),
    keepsSessions: true,
    cut: async () => proxy.cut(),
    sessions: async () => proxy.sessions(),
    async stop() {
      proxy.stop();
      await server.stop();
    },
  };
}
