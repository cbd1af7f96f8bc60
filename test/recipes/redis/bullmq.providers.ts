import { Queue, Worker, type Job } from 'bullmq';
import type { createClient } from 'redis';

type Redis = ReturnType<typeof createClient>;
const withEnd = <T extends { close(): Promise<void> }>(made: T) =>
  Object.assign(made, { onModuleDestroy: () => made.close() });

const useQueue = (connection: Redis) => withEnd(new Queue('mails', { connection }).on('error', () => undefined));
export const queueProvider = { provide: Queue, inject: ['REDIS'], useFactory: useQueue };

export const workerProvider = (send: (job: Job) => Promise<unknown>) => ({
  ...{ provide: Worker, inject: ['REDIS'] },
  useFactory: (connection: Redis) =>
    withEnd(new Worker('mails', send, { connection, runRetryDelay: 500 }).on('error', () => undefined)),
});
