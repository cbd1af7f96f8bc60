import { inspect } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  type HcpVaultModuleOptions,
  type MemorySource,
  type SecretRef,
} from 'nestjs-hcp-vault';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { recordingSource } from '../support/recording-source.js';

type Schema = NonNullable<HcpVaultModuleOptions['schema']>;

const MESSAGE = 'canary-message';
const later = async (ok: boolean): Promise<boolean> => Promise.resolve(ok);

/** The same two schemas in each library: the port of DB, a text of digits, becomes a number; KEY begins with `sk_`. */
const vendors: [vendor: string, schema: Schema][] = [
  [
    'zod',
    {
      DB: z.object({ user: z.string(), port: z.string().regex(/^\d+$/, MESSAGE).transform(Number) }),
      KEY: z.string().startsWith('sk_', MESSAGE),
    },
  ],
  [
    'valibot',
    {
      DB: v.object({ user: v.string(), port: v.pipe(v.string(), v.digits(MESSAGE), v.transform(Number)) }),
      KEY: v.pipe(v.string(), v.startsWith('sk_', MESSAGE)),
    },
  ],
  ['arktype', { DB: type({ user: 'string', port: 'string.integer.parse' }), KEY: type(/^sk_/) }],
];
const asyncVendors: typeof vendors = [
  [
    'zod',
    {
      DB: z.object({
        user: z.string(),
        port: z
          .string()
          .refine((port) => later(/^\d+$/.test(port)), MESSAGE)
          .transform(async (port) => Promise.resolve(Number(port))),
      }),
      KEY: z.string().refine((key) => later(key.startsWith('sk_')), MESSAGE),
    },
  ],
  [
    'valibot',
    {
      DB: v.objectAsync({
        user: v.string(),
        port: v.pipeAsync(
          v.string(),
          v.checkAsync((port) => later(/^\d+$/.test(port)), MESSAGE),
          v.transformAsync(async (port) => Promise.resolve(Number(port))),
        ),
      }),
      KEY: v.pipeAsync(
        v.string(),
        v.checkAsync((key) => later(key.startsWith('sk_')), MESSAGE),
      ),
    },
  ],
];
const all = [
  ...vendors.map(([vendor, schema]) => ({ vendor, kind: 'sync', schema })),
  ...asyncVendors.map(([vendor, schema]) => ({ vendor, kind: 'async', schema })),
];

const good = { DB: { user: 'u', port: '5432' }, KEY: 'sk_canary-1' };

@Injectable()
class Service {
  @InjectSecret('KEY') readonly key!: string;
  @InjectSecretField('DB', 'port') readonly port!: number;
  constructor(@InjectSecretRef('DB') readonly db: SecretRef<{ user: string; port: number }>) {}
}

async function start(source: MemorySource, schema: Schema, required: string[] = []) {
  const logger = new CapturedLogger();
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source, schema, required })],
    providers: [Service],
  })
    .setLogger(logger)
    .compile();
  await module.init();
  return { module, client: module.get(HcpVaultClient), service: module.get(Service), logger };
}

describe.each(all)('schemas of $vendor ($kind)', ({ vendor, schema }) => {
  it('given refused values and a missing one, when the app starts, then one error lists all, with path and vendor, and neither value nor message', async () => {
    const source = memorySource({ DB: { user: 'u', port: 'canary-port' }, KEY: 'canary-key' });
    const error = await start(source, schema, ['ABSENT']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    const { errors, message } = error as { errors: readonly Record<string, unknown>[]; message: string };
    expect([...errors].sort((a, b) => String(a['secretName']).localeCompare(String(b['secretName'])))).toMatchObject([
      { code: 'SECRET_NOT_FOUND', secretName: 'ABSENT' },
      { code: 'SECRET_VALIDATION', secretName: 'DB', issues: [{ path: 'port', vendor }] },
      { code: 'SECRET_VALIDATION', secretName: 'KEY', issues: [{ path: '(the whole value)', vendor }] },
    ]);
    for (const told of ['ABSENT', 'DB', 'KEY', `${vendor} schema at: port`]) expect(message).toContain(told);
    expect(`${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(errors)}`).not.toContain('canary');
  });

  it('given a schema that transforms, when values are read, then its output is the value everywhere, frozen', async () => {
    const { module, client, service } = await start(memorySource(good), schema);
    expect([service.port, service.db.value, client.get('DB', { field: 'port' }), service.key]).toEqual([
      5432,
      { user: 'u', port: 5432 },
      5432,
      'sk_canary-1',
    ]);
    expect(Object.isFrozen(service.db.value)).toBe(true);
    await module.close();
  });

  it('given a rotation that is refused, when it comes in, then the last good value stays, status and log tell, and the next refresh tries again', async () => {
    const source = memorySource(good);
    const { module, client, service, logger } = await start(source, schema);
    const rotated: unknown[] = [];
    client.rotations$.subscribe(({ name, current }) => rotated.push([name, current]));
    source.rotate('DB', { user: 'u', port: 'canary-port' });
    const { changed, failed } = await client.refresh();
    expect([changed, failed.map(({ name, error }) => [name, error.code])]).toEqual([[], [['DB', 'SECRET_VALIDATION']]]);
    expect([service.port, service.db.version, rotated]).toEqual([5432, '1', []]);
    expect(client.status().find(({ name }) => name === 'DB')).toMatchObject({
      version: '1',
      lastError: { code: 'SECRET_VALIDATION', message: expect.stringContaining(`${vendor} schema at: port`) },
    });
    expect(logger.text).toContain('"DB"');
    expect(`${logger.text}${inspect(client.status(), { depth: 9 })}`).not.toContain('canary');

    expect((await client.refresh('DB')).failed).toHaveLength(1); // the same value is tried again, and refused again
    source.rotate('DB', { user: 'u', port: '5433' });
    expect((await client.refresh('DB')).changed).toEqual(['DB']);
    expect([service.port, rotated]).toEqual([5433, [['DB', { user: 'u', port: 5433 }]]]);
    expect(client.status().find(({ name }) => name === 'DB')!.lastError).toBeUndefined();
    await module.close();
  });
});

describe('a refused rotation', () => {
  it('given the regular refresh, when the source has a good value again, then it comes in with the next one, and is not hurried before', async () => {
    const { source, memory, reads } = recordingSource({ KEY: 'sk_1' });
    const clock = new FakeClock();
    const schema = { KEY: z.string().startsWith('sk_') };
    const runtime = new SecretRuntime({
      source,
      clock,
      random: () => 0.5,
      schema,
      cache: { maxAge: '1h' },
      refresh: { every: '10m', jitter: 0 },
    });
    const client = new HcpVaultClient(runtime);
    await client.fetch('KEY');
    runtime.start();
    memory.rotate('KEY', 'refused');
    await clock.advance(600_000);
    expect([reads.length, client.get('KEY')]).toEqual([2, 'sk_1']);
    memory.rotate('KEY', 'sk_3');
    await clock.advance(599_000);
    expect([reads.length, client.get('KEY')]).toEqual([2, 'sk_1']);
    await clock.advance(1_000);
    expect([reads.length, client.get('KEY')]).toEqual([3, 'sk_3']);
    runtime.stop();
  });

  it('given a value past its max age, when it is read again and again, then the source is not asked each time', async () => {
    const { source, memory, reads } = recordingSource({ KEY: 'sk_1' });
    const clock = new FakeClock();
    const schema = { KEY: z.string().startsWith('sk_') };
    const runtime = new SecretRuntime({ source, clock, schema, cache: { maxAge: '10m' }, refresh: { jitter: 0 } });
    const client = new HcpVaultClient(runtime);
    await client.fetch('KEY');
    runtime.start();
    memory.rotate('KEY', 'refused');
    await clock.advance(600_000);
    const before = reads.length;
    for (let index = 0; index < 10; index += 1) {
      expect(client.get('KEY')).toBe('sk_1');
      await settled();
    }
    runtime.stop();
    expect(reads.length - before).toBeLessThanOrEqual(1);
  });

  it('given a schema that throws with the value in its text, when the app starts, then the error tells the vendor, and no value', async () => {
    const schema = {
      KEY: z.string().transform((key) => {
        throw new Error(`cannot parse ${key}`);
      }),
    };
    const error = await start(memorySource(good), schema).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ errors: [{ code: 'SECRET_VALIDATION', secretName: 'KEY' }] });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('given a value that is not an object where the schema wants one, when the app starts, then it is refused as any other', async () => {
    const { DB } = vendors[0]![1] as { DB: Schema[string] };
    const error = await start(memorySource({ ...good, DB: 'canary-text' }), { DB }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ errors: [{ code: 'SECRET_VALIDATION', secretName: 'DB' }] });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });
});
