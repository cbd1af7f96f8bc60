import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { describeWith } from '../servers/available.js';
import { kafkaProvider } from './kafka/kafka.provider.js';
import { consumerProvider, producerProvider } from './kafka/orders.providers.js';
import { kafkaSide } from './support/kafka.side.js';
import { underRotation } from './support/under-rotation.js';

// The files of docs/recipes/kafka.md, as they stand there.
process.env['KAFKAJS_LOG_LEVEL'] = 'NOTHING';
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';

describeWith(['Kafka'], 'the recipe of kafkajs', () => {
  const arrived = new Map<string, () => void>();
  underRotation({
    recipe: 'kafkajs, a producer and its consumer',
    page: 'kafka.md',
    secret: 'KAFKA',
    start: kafkaSide,
    app: () => ({
      providers: [
        kafkaProvider,
        producerProvider,
        consumerProvider(async ({ message }) => arrived.get(String(message.value))?.()),
      ],
    }),
    // Each message has to arrive: one that is lost is a failure.
    work: (app) => {
      const producer = app.get<Producer>('PRODUCER');
      return async () => {
        const id = randomUUID();
        const arrival = new Promise<void>((resolve) => arrived.set(id, resolve));
        await producer.send({ topic: 'orders', messages: [{ value: id }] });
        const late = new AbortController();
        const lost = pause(60_000, undefined, { signal: late.signal }).then(() => {
          throw new Error('the message has not arrived within 60 s');
        });
        lost.catch(() => undefined);
        await Promise.race([arrival, lost]);
        late.abort();
        arrived.delete(id);
      };
    },
  });
});
