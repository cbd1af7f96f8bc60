import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { Secrets, show } from './secrets.js';

@Injectable()
class Listener {
  @OnEvent('paid')
  @WithSecrets()
  bare(@InjectSecret('KEY') key?: unknown): unknown {
    return key;
  }

  @WithSecrets()
  @OnEvent('paid')
  withEvent(event: unknown, @InjectSecret('KEY') key?: unknown): unknown {
    heard.push([event, key]);
    return key;
  }
}
const heard: unknown[] = [];

@Module({ imports: [Secrets, EventEmitterModule.forRoot()], providers: [Listener] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  await show(app, async () => {
    const answers = (await app.get(EventEmitter2).emitAsync('paid', 'theirs')) as unknown[];
    return [heard.pop(), ...answers.filter((answer) => answer !== undefined)];
  });
}
void main();
