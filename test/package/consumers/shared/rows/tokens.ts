import assert from 'node:assert/strict';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import {
  getSecretRefToken,
  getSecretToken,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  memorySource,
} from 'nestjs-hcp-vault';
import type { SecretRef, SecretSource } from 'nestjs-hcp-vault';
import { failure, start } from './apps.js';
import { row } from './row.js';

const byHand = getSecretToken('BY_HAND');
const refByHand = getSecretRefToken('BY_HAND');
const absent = getSecretToken('ABSENT_BY_HAND');

@Injectable()
class Consumer {
  @InjectSecret('KEY') readonly key!: string;
  @InjectSecretField('DB', 'user') readonly user!: string;
}

/** Decorated, and in the module of no app. */
@Injectable()
export class OnlyImported {
  @InjectSecret('IMPORTED') readonly key!: string;
  @InjectSecret('IMPORTED_TOO') readonly other!: string;
}

const values = { KEY: 'key-1', BY_HAND: 'hand-1', DB: '{"user":"user-1"}' };

class Strategy implements CustomTransportStrategy {
  constructor(readonly password: string) {}
  listen(done: () => void): void {
    done();
  }
  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    return undefined as T;
  }
}

function counting(): { source: SecretSource; names: Set<string> } {
  const [memory, names] = [memorySource(values), new Set<string>()];
  const read: SecretSource['read'] = (asked, context) => {
    for (const name of asked) names.add(name);
    return memory.read(asked, context);
  };
  return { source: { kind: 'counting', read }, names };
}

export const rows = [
  row(
    'given what the app consumes, when its tokens are got from the app, then they give the current values',
    async () => {
      const { app, rotate } = await start({ values, providers: [Consumer] });
      const got = () => [app.get(getSecretToken('KEY')), app.get(getSecretToken('DB', { field: 'user' }))] as unknown[];
      assert.deepEqual(got(), ['key-1', 'user-1']);
      await rotate({ KEY: 'key-2', DB: '{"user":"user-2"}' });
      assert.deepEqual(got(), ['key-2', 'user-2']);
      await app.close();
    },
  ),
  row('given tokens made by hand before the app, when they are got from it, then they give value and ref', async () => {
    const { app, rotate } = await start({ values });
    const ref = app.get<SecretRef<string>>(refByHand);
    assert.deepEqual([app.get<unknown>(byHand), ref.value], ['hand-1', 'hand-1']);
    await rotate({ BY_HAND: 'hand-2' });
    assert.deepEqual([app.get<unknown>(byHand), ref.value], ['hand-2', 'hand-2']);
    await app.close();
  }),
  row('given a token made by hand of a secret that is not there, when the app starts, then it does', async () => {
    const { app } = await start({ values });
    assert.ok(absent);
    await app.close();
  }),
  row(
    'given a secret that this app does not consume, when its token is made and got from the app, then the error names client.get',
    async () => {
      const { app } = await start({ values: { ...values, IMPORTED_TOO: 'imported' } });
      const error = await failure(() => app.get(getSecretToken('IMPORTED_TOO')));
      assert.match(error.message, /client\.get/);
      await app.close();
    },
  ),
  row('given classes that are only imported, when an app starts, then their secrets are not asked for', async () => {
    const { source, names } = counting();
    const { app } = await start({ source, providers: [Consumer] });
    assert.deepEqual([names.has('KEY'), names.has('IMPORTED')], [true, false]);
    await app.close();
  }),
  row(
    'given a main.ts that needs a cookie key, when the app is made and not yet started, then it gets the secret',
    async () => {
      @Module({ imports: [HcpVaultModule.forRoot({ source: memorySource(values) })] })
      class AppModule {}
      const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
      assert.equal(app.get(byHand), 'hand-1');
      await app.close();
    },
  ),
  row(
    'given a token in the list of createMicroservice, when the service starts, then its transport has the secret',
    async () => {
      @Module({ imports: [HcpVaultModule.forRoot({ source: memorySource(values) })] })
      class ServiceModule {}
      const passwords: string[] = [];
      const service = await NestFactory.createMicroservice(ServiceModule, {
        logger: false,
        abortOnError: false,
        inject: [byHand],
        useFactory: (password: string) => {
          passwords.push(password);
          return { strategy: new Strategy(password) };
        },
      });
      await service.listen();
      assert.deepEqual(passwords, ['hand-1']);
      await service.close();
    },
  ),
  row(
    'given tokens in the lists of factories, when the app starts, then they have values, refs, and undefined for what may be absent',
    async () => {
      const inject = [
        getSecretToken('KEY'),
        getSecretRefToken('KEY'),
        getSecretToken('ABSENT', { optional: true }),
        { token: getSecretToken('ABSENT', { optional: true }), optional: true },
      ];
      const useFactory = (key: string, ref: SecretRef<string>, ...others: unknown[]) => [key, ref.value, ...others];
      const { app } = await start({ values, providers: [{ provide: 'LIST', inject, useFactory }] });
      assert.deepEqual(app.get('LIST'), ['key-1', 'key-1', undefined, undefined]);
      await app.close();
    },
  ),
];
