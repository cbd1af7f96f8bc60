/**
 * A program whose app has its HcpVaultModule from one copy of the package, and consumers and a config namespace from another; it prints what they see.
 * @param copies statements that define `one` and `two`, each a copy
 */
export const programOfTwoCopies = (copies: string): string => `
import 'reflect-metadata';
import { Inject, Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
${copies}

const secretsConfig = two.registerSecrets('secrets');

class Consumer {
  constructor(client, value, view, config, ref) {
    Object.assign(this, { client, value, view, config, ref });
  }
  charge(key) {
    return key;
  }
  rotated({ current }) {
    this.heard = current;
  }
}
Inject(two.HcpVaultClient)(Consumer, undefined, 0);
two.InjectSecret('KEY')(Consumer, undefined, 1);
Inject(secretsConfig.KEY)(Consumer, undefined, 2);
Inject(ConfigService)(Consumer, undefined, 3);
two.InjectSecretRef('KEY')(Consumer, undefined, 4);
two.InjectSecret('KEY')(Consumer.prototype, 'live');
two.InjectSecret('OPTIONAL', { default: 'by default' })(Consumer.prototype, 'optional');
two.InjectSecret('KEY')(Consumer.prototype, 'charge', 0);
const descriptor = Object.getOwnPropertyDescriptor(Consumer.prototype, 'charge');
two.WithSecrets()(Consumer.prototype, 'charge', descriptor);
Object.defineProperty(Consumer.prototype, 'charge', descriptor);
two.OnSecretRotated('KEY')(Consumer.prototype, 'rotated', Object.getOwnPropertyDescriptor(Consumer.prototype, 'rotated'));
Injectable()(Consumer);

const resource = two.rotatingProvider({ provide: 'RESOURCE', secret: 'KEY', create: (key) => ({ key }), dispose: () => undefined });
const source = two.memorySource({ KEY: 'key-1' });
class AppModule {}
const app = await NestFactory.createApplicationContext(
  {
    module: AppModule,
    imports: [ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }), one.HcpVaultModule.forRoot({ source })],
    providers: [Consumer, resource],
  },
  { logger: false, abortOnError: false },
);
await app.init();
const consumer = app.get(Consumer);
const seen = () => ({
  client: consumer.client.get('KEY'),
  value: consumer.value,
  view: consumer.view.KEY,
  config: consumer.config.get('secrets.KEY'),
  names: two.secretNames(consumer.config.get('secrets')),
  ref: consumer.ref.value,
  live: consumer.live,
  optional: consumer.optional,
  argument: consumer.charge(),
  heard: consumer.heard,
  resource: app.get('RESOURCE').current.key,
});
const before = seen();
source.rotate('KEY', 'key-2');
await app.get(one.HcpVaultClient).refresh();
await new Promise((resolve) => setTimeout(resolve, 20));
const after = seen();
let error;
try {
  consumer.client.get('NOPE');
} catch (thrown) {
  error = [one.isSecretError(thrown), two.isSecretError(thrown), thrown.name];
}
await app.close();
console.log(JSON.stringify({ distinct: one.HcpVaultClient !== two.HcpVaultClient, before, after, error }));
`;

const seen = (atConstruction: number, now: number): Record<string, unknown> => ({
  client: `key-${now}`,
  value: `key-${atConstruction}`,
  view: `key-${now}`,
  config: `key-${now}`,
  names: ['KEY'],
  ref: `key-${now}`,
  live: `key-${now}`,
  optional: 'by default',
  argument: `key-${now}`,
  ...(now > 1 && { heard: `key-${now}` }),
  resource: `key-${now}`,
});

/** What it has to print. */
export const seenByTwoCopies = {
  distinct: true,
  before: seen(1, 1),
  after: seen(1, 2),
  error: [true, true, 'SecretNotLoadedError'],
};
