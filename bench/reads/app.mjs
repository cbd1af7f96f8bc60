// A Nest app with secrets in all places that are read here. Decorators are called by hand, as this file is not a TypeScript.
import 'reflect-metadata';
import { Injectable, Module, Scope } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';

export const INSTANCES = 1024;
export const NAMES = Array.from({ length: 16 }, (_, i) => `KEY_${i}`);
const VALUE = 'a value of some length';

/** What a live property is compared with: the same members, and nobody has touched them. */
export class Untouched {
  key = VALUE;
  neighbour = VALUE;
}

export class Live {
  key;
  neighbour = VALUE;
}
InjectSecret('KEY_0')(Live.prototype, 'key');
Injectable({ scope: Scope.TRANSIENT })(Live);

export async function startApp() {
  const values = Object.fromEntries(NAMES.map((name) => [name, VALUE]));
  const source = memorySource({ ...values, DB: { values: { password: VALUE } } });
  class AppModule {}
  Module({
    imports: [
      ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ plain: { ...values } })] }),
      HcpVaultModule.forRoot({ source, config: { namespace: 'secrets' } }),
    ],
    providers: [Live],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const instances = await Promise.all(Array.from({ length: INSTANCES }, () => app.resolve(Live)));
  if (new Set(instances).size !== INSTANCES || instances.some(({ key }) => key !== VALUE)) {
    throw new Error('These are not the instances that were to be measured.');
  }
  const client = app.get(HcpVaultClient);
  return { app, instances, client, ref: client.ref('KEY_0'), config: app.get(ConfigService), values };
}
