import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Module, UseGuards, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SkipThrottle, Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { throttlerModule } from '../redis/throttler.module.js';

// A program of its own: @nestjs/throttler is CommonJS and requires Nest, which is ESM only; Node can do that, and jest on Node 20 can't.

/** Milliseconds. */
const WINDOW = 1500;

@Controller()
@UseGuards(ThrottlerGuard)
class Api {
  @Get('three')
  @Throttle({ default: { limit: 3, ttl: WINDOW } })
  three(): string {
    return 'in';
  }

  @Get('blocks')
  @Throttle({ default: { limit: 1, ttl: WINDOW, blockDuration: 60_000 } })
  blocks(): string {
    return 'in';
  }

  @Get('without-block')
  @Throttle({ default: { limit: 1, ttl: WINDOW, blockDuration: 0 } })
  withoutBlock(): string {
    return 'in';
  }

  @Get('closed')
  @Throttle({ default: { limit: 0, ttl: WINDOW } })
  closed(): string {
    return 'in';
  }

  @Get('free')
  @SkipThrottle()
  free(): string {
    return 'in';
  }
}

const source = memorySource({ REDIS: { host: '127.0.0.1', port: Number(process.env['REDIS_PORT']) } });

@Module({ imports: [HcpVaultModule.forRoot({ source }), throttlerModule], controllers: [Api] })
class AppModule {}

async function replica(): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

const replicas = [await replica(), await replica()];
const urls = await Promise.all(replicas.map((app) => app.getUrl()));
let asked = 0;

/** Statuses of requests that go to one replica and the other by turns; of one that is refused also the seconds after which to come again. */
async function answers(path: string, times: number): Promise<string[]> {
  const all: string[] = [];
  for (let at = 0; at < times; at += 1) {
    const { status, headers } = await fetch(`${urls[asked++ % 2]}/${path}`);
    all.push([status, headers.get('retry-after')].filter((part) => part !== null).join(' after '));
  }
  return all;
}

const first = {
  three: await answers('three', 5),
  free: await answers('free', 2),
  withoutBlock: await answers('without-block', 3),
  closed: await answers('closed', 2),
  blocks: await answers('blocks', 2),
};
await pause(WINDOW); // the server's clock
const later = {
  three: await answers('three', 1),
  withoutBlock: await answers('without-block', 2),
  blocks: (await answers('blocks', 1)).map((answer) => answer.replace(/5\d$/, '5x')),
};
for (const app of replicas) await app.close();
console.log(JSON.stringify({ first, later }));
