import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { ClientKafka, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Kafka, type Producer } from 'kafkajs';
import { firstValueFrom } from 'rxjs';
import { getSecretRefToken, HcpVaultClient, HcpVaultModule, memorySource, type SecretRef } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { freePort } from '../servers/child.server.js';
import { startKafka, type KafkaServer } from '../servers/kafka.server.js';
import { kafkaOptions, OrdersClientModule } from './kafka/orders.module.js';
import { saslOf } from './kafka/sasl.js';
import { toldProxy, type ToldProxy } from './support/told-proxy.js';

process.env['KAFKAJS_LOG_LEVEL'] = 'NOTHING';
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';

const arrived: string[] = [];

@Controller()
class OrdersController {
  @EventPattern('orders')
  taken(@Payload() id: string): void {
    arrived.push(id);
  }
}

@Injectable()
class Orders {
  constructor(@Inject('ORDERS') private readonly kafka: ClientKafka) {}

  async place(id: string): Promise<void> {
    await firstValueFrom(this.kafka.emit('orders', id));
    await until(() => arrived.includes(id));
  }
}

@Module({ imports: [OrdersClientModule], controllers: [OrdersController], providers: [Orders] })
class OrdersModule {}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause(10);
}

describeWith(['Kafka'], 'Kafka, beside the load', () => {
  let server: KafkaServer;
  let proxy: ToldProxy;
  const loginOf = (user: string, password: string, broker = server.broker) => ({
    brokers: [broker],
    mechanism: 'scram-sha-512',
    username: user,
    password,
  });

  beforeAll(async () => {
    const port = await freePort();
    proxy = await toldProxy(port, /./);
    server = await startKafka({ port, advertisedPort: proxy.port });
    const admin = new Kafka({ brokers: [server.openBroker] }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders' }] });
    await admin.disconnect();
  }, 60_000);
  afterAll(async () => {
    proxy?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    await server.setUser('app_a', 'canary-1');
    await server.setUser('app_b', 'canary-1');
  });

  it('given ClientKafka and the Kafka transport, when all have to log in and are refused, then events arrive after the secret has changed', async () => {
    const source = memorySource({ KAFKA: loginOf('app_a', 'canary-1') });
    const testing = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source }), OrdersModule],
    }).compile();
    const app = testing.createNestApplication();
    const { transport, options } = kafkaOptions(app.get(getSecretRefToken('KAFKA')), app.get(HcpVaultClient));
    app.connectMicroservice({
      transport,
      options: { ...options, consumer: { groupId: 'orders' }, subscribe: { fromBeginning: true } },
    });
    await app.startAllMicroservices();
    await app.init();
    const orders = app.get(Orders);
    await orders.place('first');

    await server.setUser('app_a', 'canary-2');
    proxy.cut();
    setTimeout(() => source.rotate('KAFKA', loginOf('app_a', 'canary-2')), 300);
    await orders.place('second');
    expect(arrived).toEqual(expect.arrayContaining(['first', 'second']));
    await app.close();
  }, 60_000);

  /** A producer that is connected as `app_a`, and its secret. */
  async function connected(broker: string) {
    const source = memorySource({ KAFKA: loginOf('app_a', 'canary-1', broker) });
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source })],
      providers: [{ provide: 'LOGIN', inject: [getSecretRefToken('KAFKA')], useFactory: (ref: SecretRef) => ref }],
    }).compile();
    await app.init();
    const sasl = saslOf(app.get('LOGIN'), app.get(HcpVaultClient));
    const producer = new Kafka({ brokers: [broker], sasl, reauthenticationThreshold: 1500 }).producer();
    await producer.connect();
    return {
      producer,
      sasl,
      rotate: async (user: string, password: string) => {
        source.rotate('KAFKA', loginOf(user, password, broker));
        await app.get(HcpVaultClient).refresh('KAFKA');
      },
      close: async () => {
        await producer.disconnect();
        await app.close();
      },
    };
  }
  const send = (producer: Producer) => producer.send({ topic: 'orders', messages: [{ value: '"one"' }] });

  it('given a connection whose user is deleted, when it works on, then Kafka lets it', async () => {
    const { producer, close } = await connected(server.broker);
    await send(producer);
    await server.deleteUser('app_a');
    await send(producer);
    await close();
  }, 30_000);

  it('given a broker that ends sessions, when the secret has another user, then the client connects again', async () => {
    const { producer, rotate, close } = await connected(server.reauthenticatingBroker);
    await send(producer);
    await rotate('app_b', 'canary-1');
    await server.deleteUser('app_a');
    await pause(2000); // within the threshold: the next request logs in again
    await send(producer);
    await pause(2000);
    await send(producer);
    await close();
  }, 30_000);

  it('given what kafkajs is handed, when it is printed, then the password is not in it', async () => {
    const { sasl, close } = await connected(server.broker);
    const { inspect } = await import('node:util');
    expect(inspect(sasl, { depth: 9, showHidden: true }) + JSON.stringify(sasl)).not.toContain('canary-');
    await close();
  }, 30_000);
});
