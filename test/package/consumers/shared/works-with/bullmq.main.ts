import 'reflect-metadata';
import { BullModule, getQueueToken, Processor, WorkerHost } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QueueEvents } from 'bullmq';
import type { Job, Queue } from 'bullmq';
import { getSecretToken, InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { Secrets, show } from './secrets.js';

const connection = (password: string) => ({ host: '127.0.0.1', port: Number(process.env['REDIS_PORT']), password });

/** BullMQ calls it with a token and an AbortSignal behind the job. */
@Processor('mail')
class Mail extends WorkerHost {
  @WithSecrets()
  async process(
    job: Job<string>,
    @InjectSecret('KEY') key?: string,
    @InjectSecret('KEY') again?: string,
  ): Promise<unknown> {
    return [job.data, key, again];
  }
}

@Module({
  imports: [
    Secrets,
    BullModule.forRootAsync({
      inject: [getSecretToken('REDIS_PASSWORD')],
      useFactory: (password: string) => ({ connection: connection(password) }),
    }),
    BullModule.registerQueue({ name: 'mail' }),
  ],
  providers: [Mail],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const queue = app.get<Queue>(getQueueToken('mail'));
  const events = new QueueEvents('mail', { connection: connection(process.env['REDIS_PASSWORD']!) });
  await events.waitUntilReady();
  await show(
    app,
    async () => (await queue.add('letter', 'to a')).waitUntilFinished(events, 10_000) as Promise<unknown>,
  );
  await events.close();
}
void main();
