import assert from 'node:assert/strict';
import { Injectable } from '@nestjs/common';
import { getSecretToken, InjectSecret, memorySource, rotatingProvider, WithSecrets } from 'nestjs-hcp-vault';
import type { Rotating, SecretSource } from 'nestjs-hcp-vault';
import { start } from './apps.js';
import { row } from './row.js';

class Pool {
  constructor(readonly password: string) {}
}

const pool = rotatingProvider({
  provide: 'POOL',
  secret: 'KEY',
  create: (secret) => new Pool(String(secret)),
  dispose: () => undefined,
});

@Injectable()
class Consumer {
  @InjectSecret('KEY') readonly key!: string;
  constructor(@InjectSecret('KEY') readonly snapshot: string) {}

  @WithSecrets()
  charge(@InjectSecret('KEY') key?: string): unknown {
    return key;
  }
}

const overridden = (by: { useValue: string } | { useFactory: () => string }, source?: SecretSource) =>
  start({
    ...(source && { source }),
    providers: [Consumer, pool],
    prepare: (builder) => {
      const override = builder.overrideProvider(getSecretToken('KEY'));
      return 'useValue' in by ? override.useValue(by.useValue) : override.useFactory({ factory: by.useFactory });
    },
  });

const WAYS: [string, { useValue: string } | { useFactory: () => string }][] = [
  ['a value', { useValue: 'test' }],
  ['a factory', { useFactory: () => 'test' }],
];

export const rows = WAYS.flatMap(([title, by]) => [
  row(
    `given a token overridden by ${title}, when secrets rotate, then each place and each resource has what the test gave`,
    async () => {
      const { app, rotate } = await overridden(by);
      const seen = () => {
        const made = app.get(Consumer);
        return [made.key, made.snapshot, made.charge(), app.get<Rotating<Pool>>('POOL').current.password];
      };
      assert.deepEqual(seen(), ['test', 'test', 'test', 'test']);
      await rotate({ KEY: 'key-2' });
      assert.deepEqual(seen(), ['test', 'test', 'test', 'test']);
      await app.close();
    },
  ),
  row(`given a token overridden by ${title}, when the app starts, then the secret is not asked for`, async () => {
    const [memory, asked] = [memorySource({}), [] as string[]];
    const read: SecretSource['read'] = (names, context) => {
      asked.push(...names);
      return memory.read(names, context);
    };
    const { app } = await overridden(by, { kind: 'counting', read });
    assert.deepEqual(asked, []);
    await app.close();
  }),
]);
