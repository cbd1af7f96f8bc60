import assert from 'node:assert/strict';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import type { MiddlewareConsumer, NestMiddleware, NestModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  Lease,
  memorySource,
  SecretSourceUnavailableError,
  SecretVersion,
} from 'nestjs-hcp-vault';
import type { SecretSource } from 'nestjs-hcp-vault';
import { failure } from './apps.js';
import { row } from './row.js';

interface Answer {
  setHeader(name: string, value: string): void;
}

@Injectable()
class Signing implements NestMiddleware {
  @InjectSecret('COOKIE_KEY') readonly key!: string;
  constructor(@InjectSecret('COOKIE_KEY') readonly snapshot: string) {}

  use(_request: unknown, response: Answer, next: () => void): void {
    response.setHeader('x-keys', `${this.snapshot} ${this.key}`);
    next();
  }
}

@Controller()
class Home {
  @Get() home(): string {
    return 'home';
  }
}

@Injectable()
class Opener {
  @InjectSecret('DB') readonly db!: unknown;
}

function appModule(source: SecretSource, providers: Type[] = []): Type {
  @Module({
    imports: [HcpVaultModule.forRoot({ source, retry: { base: 10 }, bootstrapTimeout: '5s' })],
    controllers: [Home],
    providers,
  })
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(Signing).forRoutes(Home);
    }
  }
  return AppModule;
}

const makeApp = (type: Type) => NestFactory.create(type, { logger: false, abortOnError: false });

export const rows = [
  row('given a middleware with secrets, when requests come, then it has them, and the current ones', async () => {
    const source = memorySource({ COOKIE_KEY: 'key-1' });
    const app = await makeApp(appModule(source));
    await app.listen(0, '127.0.0.1');
    const keys = async () => (await fetch(await app.getUrl())).headers.get('x-keys');
    assert.equal(await keys(), 'key-1 key-1');
    source.rotate('COOKIE_KEY', 'key-2');
    await app.get(HcpVaultClient).refresh();
    assert.equal(await keys(), 'key-1 key-2');
    await app.close();
  }),
  row('given a source that fails twice, when a middleware’s secret is loaded, then the start tries again', async () => {
    const memory = memorySource({ COOKIE_KEY: 'key-1' });
    let failures = 0;
    const read: SecretSource['read'] = async (names, context) => {
      if (names.includes('COOKIE_KEY') && failures < 2) {
        failures += 1;
        throw new SecretSourceUnavailableError('It is down.');
      }
      return memory.read(names, context);
    };
    const app = await makeApp(appModule({ kind: 'failing', read }));
    await app.init();
    assert.deepEqual([failures, app.get(HcpVaultClient).get('COOKIE_KEY')], [2, 'key-1']);
    await app.close();
  }),
  row(
    'given a middleware whose secret is missing, when the app starts, then a SecretBootstrapError names it, and what was opened ends',
    async () => {
      const revoked: unknown[] = [];
      const lease = Lease.of({ id: 'lease-1', duration: '1h' });
      const source: SecretSource = {
        kind: 'opening',
        read: (names) =>
          Promise.resolve(
            new Map(
              names.filter((name) => name === 'DB').map((name) => [name, SecretVersion.of({ user: 'u' }, { lease })]),
            ),
          ),
        revoke: ({ id }) => Promise.resolve(void revoked.push(id)),
      };
      const app = await makeApp(appModule(source, [Opener]));
      const error = await failure(app.init());
      assert.deepEqual([error.name, error.errors?.length], ['SecretBootstrapError', 1]);
      assert.match(error.message, /COOKIE_KEY/);
      for (let i = 0; i < 100 && revoked.length === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(revoked, ['lease-1']);
    },
  ),
];
