import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandHandler, CqrsModule, EventBus, EventsHandler, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { ICommandHandler, IEventHandler, IQueryHandler } from '@nestjs/cqrs';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { Secrets, show } from './secrets.js';

class Pay {}
class Look {}
class Paid {}
const heard: unknown[] = [];

@CommandHandler(Pay)
class PayHandler implements ICommandHandler<Pay> {
  @InjectSecret('KEY') readonly key!: string;

  @WithSecrets()
  async execute(_command: Pay, @InjectSecret('KEY') key?: string): Promise<unknown> {
    return [this.key, key];
  }
}

@QueryHandler(Look)
class LookHandler implements IQueryHandler<Look> {
  @WithSecrets()
  async execute(@InjectSecret('KEY') key?: unknown): Promise<unknown> {
    return key;
  }
}

@EventsHandler(Paid)
class PaidHandler implements IEventHandler<Paid> {
  @WithSecrets()
  handle(@InjectSecret('KEY') key?: unknown): void {
    heard.push(key);
  }
}

@Module({ imports: [Secrets, CqrsModule.forRoot()], providers: [PayHandler, LookHandler, PaidHandler] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  await app.init();
  await show(app, async () => {
    app.get(EventBus).publish(new Paid());
    return [await app.get(CommandBus).execute(new Pay()), await app.get(QueryBus).execute(new Look()), heard.pop()];
  });
}
void main();
