import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startChild } from './child.server.js';
import { KAFKA_VERSION, javaBinary, kafkaFolder } from './locations.mjs';

/** A Kafka of the test's own, on free loopback ports: one broker in KRaft mode, whose users log in by SCRAM-SHA-512. */
export interface KafkaServer {
  readonly version: string;
  /** For users; their sessions do not end. */
  readonly broker: string;
  /** For users, who have to log in again within 3 s on the connection that they have (`connections.max.reauth.ms`). */
  readonly reauthenticatingBroker: string;
  /** For tests: without login. */
  readonly openBroker: string;
  setUser(user: string, password: string): Promise<void>;
  deleteUser(user: string): Promise<void>;
  stop(): Promise<void>;
}

export interface KafkaServerOptions {
  /** Of `broker`. @default a free one */
  readonly port?: number;
  /** Where clients find `broker`, for a proxy before it. @default port */
  readonly advertisedPort?: number;
}

export async function startKafka(options: KafkaServerOptions = {}): Promise<KafkaServer> {
  const installed = kafkaFolder();
  const java = javaBinary();
  if (!installed || !java) throw new Error('Kafka is not installed (npm run servers)');
  const [free, reauth, open, controller, users] = await freePorts(5);
  const { port = free!, advertisedPort = port } = options;
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-kafka-'));
  const properties = join(folder, 'server.properties');
  writeFileSync(
    properties,
    Object.entries({
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'OPEN',
      listeners: `USERS://127.0.0.1:${port},REAUTH://127.0.0.1:${reauth},OPEN://127.0.0.1:${open},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `USERS://127.0.0.1:${advertisedPort},REAUTH://127.0.0.1:${reauth},OPEN://127.0.0.1:${open}`,
      'listener.security.protocol.map':
        'USERS:SASL_PLAINTEXT,REAUTH:SASL_PLAINTEXT,OPEN:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.users.scram-sha-512.sasl.jaas.config': SCRAM,
      'listener.name.reauth.scram-sha-512.sasl.jaas.config': SCRAM,
      'listener.name.reauth.scram-sha-512.connections.max.reauth.ms': '3000',
      'log.dirs': join(folder, 'data'),
      'num.partitions': '1',
      'offsets.topic.num.partitions': '1',
      'offsets.topic.replication.factor': '1',
      'group.initial.rebalance.delay.ms': '0',
    })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const usersUrl = `http://127.0.0.1:${users}`;
  const child = await startChild({
    command: java,
    args: [
      ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
      ...['-cp', `${installed}/*:${installed}`, 'KafkaWithUsers', properties, `${open}`, `${users}`],
    ],
    cwd: folder,
    ready: async () => (await fetch(usersUrl)).ok,
    within: 60_000,
  });
  const change = async (method: string, user: string, body?: string): Promise<void> => {
    const answer = await fetch(`${usersUrl}/${user}`, { method, ...(body !== undefined && { body }) });
    if (!answer.ok) throw new Error(`Kafka: ${method} of a user: ${await answer.text()}`);
  };
  return {
    version: KAFKA_VERSION,
    broker: `127.0.0.1:${advertisedPort}`,
    reauthenticatingBroker: `127.0.0.1:${reauth}`,
    openBroker: `127.0.0.1:${open}`,
    setUser: (user, password) => change('PUT', user, password),
    deleteUser: (user) => change('DELETE', user),
    async stop() {
      await child.stop('SIGKILL'); // gently it takes seconds, for data that is thrown away
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

/** Asked for together, so that none is given twice. */
const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort));
