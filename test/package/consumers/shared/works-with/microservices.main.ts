import 'reflect-metadata';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, EventPattern, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { Secrets, show } from './secrets.js';

const heard: unknown[] = [];

@Controller()
class Messages {
  @MessagePattern('bare')
  @WithSecrets()
  bare(@InjectSecret('KEY') key?: unknown): unknown {
    return key;
  }

  @MessagePattern('with payload')
  @WithSecrets()
  withPayload(@Payload() data: unknown, @InjectSecret('KEY') key?: unknown): unknown {
    return [data, key, heard.pop()];
  }

  @EventPattern('event')
  @WithSecrets()
  event(@InjectSecret('KEY') key?: unknown): void {
    heard.push(key);
  }
}

@Module({ imports: [Secrets], controllers: [Messages] })
class AppModule {}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function main(): Promise<void> {
  const options = { host: '127.0.0.1', port: await freePort() };
  const app = await NestFactory.createMicroservice(AppModule, { logger: false, transport: Transport.TCP, options });
  await app.listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
  const ask = (pattern: string) => firstValueFrom(client.send<unknown>(pattern, 'theirs'));
  await show(app, async () => {
    await firstValueFrom(client.emit('event', 'theirs'), { defaultValue: undefined });
    return [await ask('bare'), await ask('with payload')];
  });
  await client.close();
}
void main();
