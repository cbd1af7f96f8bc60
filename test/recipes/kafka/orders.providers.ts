import { Kafka, type EachMessageHandler } from 'kafkajs';

export const producerProvider = {
  ...{ provide: 'PRODUCER', inject: [Kafka] },
  useFactory: async (kafka: Kafka) => {
    const producer = kafka.producer();
    await producer.connect();
    return Object.assign(producer, { onApplicationShutdown: () => producer.disconnect() });
  },
};

export const consumerProvider = (eachMessage: EachMessageHandler) => ({
  ...{ provide: 'CONSUMER', inject: [Kafka] },
  useFactory: async (kafka: Kafka) => {
    const consumer = kafka.consumer({ groupId: 'orders' });
    await consumer.connect();
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage });
    return Object.assign(consumer, { onApplicationShutdown: () => consumer.disconnect() });
  },
});
