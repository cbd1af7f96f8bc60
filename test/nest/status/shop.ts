import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultStatusModule } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../../support/captured-logger.js';
import type { Framework } from './apps.js';
import { adapterOf, TOKEN } from './apps.js';
import { shopModule, ShopVault } from './demo.js';

export interface Shop {
  readonly app: INestApplication;
  readonly address: string;
  readonly source: ShopVault;
  readonly client: HcpVaultClient;
}

/** A shop with a status page, with actions and the token TOKEN, at work. */
export async function openShop(framework: Framework = 'Express', source = new ShopVault(), at = 0): Promise<Shop> {
  const page = HcpVaultStatusModule.register({ token: TOKEN, actions: true });
  @Module({ imports: [shopModule(source) as never, page] })
  class AppModule {}
  const logger = new CapturedLogger();
  const app = await NestFactory.create(AppModule, adapterOf(framework), { logger, abortOnError: false });
  await app.listen(at, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, address: `http://127.0.0.1:${port}/secrets-status`, source, client: app.get(HcpVaultClient) };
}
