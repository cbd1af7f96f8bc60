import assert from 'node:assert/strict';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getSecretToken, InjectSecret, InjectSecretRef, OnSecretRotated, WithSecrets } from 'nestjs-hcp-vault';
import type { SecretRef } from 'nestjs-hcp-vault';
import { start } from './apps.js';
import { row } from './row.js';

@Injectable()
class Payments {
  @InjectSecret('KEY') readonly key!: string;

  constructor(
    @InjectSecret('KEY') readonly snapshot: string,
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
  ) {}

  @WithSecrets()
  charge(amount: number, @InjectSecret('KEY') key?: unknown): unknown[] {
    return [amount, key];
  }

  @OnSecretRotated('KEY')
  swap(): void {}
}

/** What automatic mocks are: callable, and each property is one more of them. */
function automatic(): unknown {
  const answer = (_: unknown, property: string | symbol): unknown =>
    property === 'then' || typeof property === 'symbol' ? undefined : automatic();
  return new Proxy(() => undefined, { get: answer });
}

const mocker = (title: string, mock: () => unknown) =>
  row(
    `given a mocker that gives ${title}, when a class is made without the module, then each place has the mock`,
    async () => {
      const given = mock();
      const app = await Test.createTestingModule({ providers: [Payments] })
        .useMocker(() => given)
        .compile();
      const payments = app.get(Payments);
      assert.deepEqual(
        [payments.key === given, payments.snapshot === given, payments.ref === given],
        [true, true, true],
      );
      assert.equal(payments.charge(1)[0], 1);
      await app.close();
    },
  );

export const rows = [
  mocker('a string', () => 'mock'),
  mocker('an object', () => ({})),
  mocker('automatic mocks', automatic),
  row('given a mocker and the module, when a class is made, then its places have secrets', async () => {
    const { app, rotate } = await start({
      providers: [Payments],
      prepare: (builder) => builder.useMocker(() => 'mock'),
    });
    await rotate({ KEY: 'key-2' });
    const payments = app.get(Payments);
    assert.deepEqual([payments.snapshot, payments.key, payments.charge(1)], ['key-1', 'key-2', [1, 'key-2']]);
    await app.close();
  }),
  row(
    'given a mocker and the token of a value, when a class is made, then the value is in each place of it',
    async () => {
      const app = await Test.createTestingModule({
        providers: [Payments, { provide: getSecretToken('KEY'), useValue: 'from the test' }],
      })
        .useMocker(() => ({}))
        .compile();
      const { key, snapshot } = app.get(Payments);
      assert.deepEqual(
        [key, snapshot, app.get(Payments).charge(1)],
        ['from the test', 'from the test', [1, 'from the test']],
      );
      await app.close();
    },
  ),
];
