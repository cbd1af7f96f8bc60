import assert from 'node:assert/strict';
import { Injectable, Optional } from '@nestjs/common';
import { HcpVaultModule, InjectSecret, InjectSecretField, InjectSecretRef, memorySource } from 'nestjs-hcp-vault';
import type { SecretRef } from 'nestjs-hcp-vault';
import { Test } from '@nestjs/testing';
import { failure, silent, start } from './apps.js';
import { row } from './row.js';

@Injectable()
class Consumer {
  @Optional() @InjectSecret('ABSENT') readonly above?: string;
  @InjectSecret('ABSENT') @Optional() readonly below?: string;
  @Optional() @InjectSecretField('ABSENT', 'user') readonly field?: string;

  constructor(
    @Optional() @InjectSecret('ABSENT') readonly first: string | undefined,
    @InjectSecret('ABSENT') @Optional() readonly second: string | undefined,
    @Optional() @InjectSecretRef('ABSENT') readonly ref: SecretRef<string> | undefined,
  ) {}
}

@Injectable()
class Needs {
  @InjectSecret('ABSENT') readonly key!: string;
}

const seen = ({ above, below, field, first, second, ref }: Consumer) => [
  above,
  below,
  field,
  first,
  second,
  ref?.value,
];

export const rows = [
  row('given Optional of Nest on each place, when the secret is not there, then each is undefined', async () => {
    const { app } = await start({ values: {}, providers: [Consumer] });
    assert.deepEqual(seen(app.get(Consumer)), [undefined, undefined, undefined, undefined, undefined, undefined]);
    await app.close();
  }),
  row(
    'given Optional of Nest on each place, when the secret is there, then each has it, and properties follow it',
    async () => {
      const { app, rotate } = await start({ values: { ABSENT: '{"user":"one"}' }, providers: [Consumer] });
      const one = '{"user":"one"}';
      assert.deepEqual(seen(app.get(Consumer)), [one, one, 'one', one, one, one]);
      const two = '{"user":"two"}';
      await rotate({ ABSENT: two });
      assert.deepEqual(seen(app.get(Consumer)), [two, two, 'two', one, one, two]);
      await app.close();
    },
  ),
  row('given Optional of Nest on one class, when another needs the secret, then the start fails', async () => {
    const error = await failure(start({ values: {}, providers: [Consumer, Needs] }));
    assert.equal(error.code, 'SECRET_BOOTSTRAP');
    assert.match(error.message, /ABSENT/);
  }),
  row('given Optional of Nest on each place, when the source fails, then that is not hidden', async () => {
    const source = memorySource({ ABSENT: 'here' });
    source.fail(new Error('down'));
    const imports = [HcpVaultModule.forRoot({ source, bootstrapTimeout: 300, retry: { base: 50 } })];
    const starting = Test.createTestingModule({ imports, providers: [Consumer] })
      .setLogger(silent)
      .compile();
    assert.equal((await failure(starting)).code, 'SECRET_BOOTSTRAP');
  }),
];
