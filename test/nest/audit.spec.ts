import { Controller, Get, Injectable, type MiddlewareConsumer, Module, Scope } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { ContextIdFactory, LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { AuditRecord, Rotating, SecretRef } from 'nestjs-hcp-vault';
import {
  getSecretRefToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
  SecretConfigurationError,
  WithSecrets,
} from 'nestjs-hcp-vault';
import { inspect } from 'node:util';
import { CapturedLogger } from '../support/captured-logger.js';
import { settled } from '../support/fake-clock.js';

@Injectable()
class Snapshot {
  constructor(@InjectSecret('A') readonly key: string) {}
}

@Injectable()
class Living {
  @InjectSecret('A') readonly key!: string;
  @InjectSecretField('DB', 'user', { default: 'none' }) readonly user!: string;
  @InjectSecret('ABSENT', { default: 'canary-default' }) readonly absent!: string;
}

@Injectable()
class Calling {
  @WithSecrets()
  charge(@InjectSecret('A') key?: string, @InjectSecretField('A', 'x', { optional: true }) _x?: string): unknown {
    return key;
  }
}

@Injectable()
class Holding {
  constructor(@InjectSecretRef('A') readonly ref: SecretRef<string>) {}
}

@Injectable()
class HoldingProperty {
  @InjectSecretRef('A') readonly ref!: SecretRef<string>;
}

@Injectable()
class Handling {
  readonly seen: unknown[] = [];

  @OnSecretRotated('A')
  swap(event: { current: unknown }): void {
    this.seen.push(event.current);
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Fleeting {
  @InjectSecret('A') readonly key!: string;
  constructor(@InjectSecret('A') readonly snapshot: string) {}
}

@Injectable({ scope: Scope.REQUEST })
class OfRequest {
  constructor(@InjectSecret('A') readonly key: string) {}
}

@Injectable()
class Passing {
  constructor(@InjectSecret('A') readonly key: string) {}

  use(_request: unknown, _response: unknown, next: () => void): void {
    next();
  }
}

@Controller('door')
class Door {
  constructor(@InjectSecret('A') readonly key: string) {}

  @Get() get(): void {}
}

const POOL = Symbol('POOL');
const values = () => ({ A: 'canary-a1', DB: { user: 'canary-u1' }, NEW: 'canary-n1' });

interface Given {
  readonly providers?: readonly unknown[];
  readonly audit?: boolean;
  readonly imports?: readonly unknown[];
  readonly override?: string;
  readonly configure?: (consumer: MiddlewareConsumer) => void;
  readonly controllers?: readonly unknown[];
  readonly config?: { namespace: string };
}

const open: { close(): Promise<unknown> }[] = [];

async function appOf({ providers = [], audit = true, imports = [], override, configure, ...given }: Given = {}) {
  const source = memorySource(values());
  const { controllers = [], config } = given;
  @Module({
    imports: [HcpVaultModule.forRoot({ source, audit, ...(config && { config }) }), ...(imports as [])],
    providers: providers as [],
    controllers: controllers as [],
  })
  class Root {
    configure(consumer: MiddlewareConsumer): void {
      configure?.(consumer);
    }
  }
  const logger = new CapturedLogger();
  const building = Test.createTestingModule({ imports: [Root] }).setLogger(logger);
  if (override !== undefined) building.overrideProvider(getSecretToken('A')).useValue(override);
  const module = await building.compile();
  const app = configure ? module.createNestApplication() : module;
  await app.init();
  open.push(app);
  const client = app.get(HcpVaultClient);
  const records: AuditRecord[] = [];
  const ends: string[] = [];
  if (audit) client.audit$.subscribe({ next: (record) => records.push(record), complete: () => ends.push('end') });
  return {
    app,
    client,
    source,
    logger,
    records,
    ends,
    rotate: async (n: number, name: 'A' | 'NEW' = 'A') => {
      source.rotate(name, `canary-${name}-${n}`);
      await client.refresh(name);
      await settled();
    },
  };
}

/** Who, how, and in which of the secret's versions, in the order in which those came. */
function told(records: readonly AuditRecord[]): string[] {
  const versions = new Map<string, string[]>();
  return records.map(({ by, consumer: { kind, name, member }, name: secret, version }) => {
    const known = versions.get(secret) ?? [];
    versions.set(secret, known);
    if (!known.includes(version)) known.push(version);
    const place = member === undefined ? name : `${name}.${member}`;
    return `${by}: ${kind} ${place} ${secret} #${known.indexOf(version) + 1}`;
  });
}

afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

describe('who was given which secret', () => {
  it('tells of a constructor once, with the version that it was given, and not of what comes later', async () => {
    // given
    const { records, rotate, client } = await appOf({ providers: [Snapshot], controllers: [Door] });
    const [version] = client.status().map((secret) => secret.version);
    // when
    await rotate(2);
    // then
    expect(told(records).sort()).toEqual([
      'construction: class Door.constructor A #1',
      'construction: class Snapshot.constructor A #1',
    ]);
    expect(records[0]).toEqual({
      connection: 'default',
      source: 'memory',
      name: 'A',
      by: 'construction',
      consumer: expect.objectContaining({ kind: 'class', member: 'constructor' }) as unknown,
      version,
      at: expect.any(Date) as Date,
    });
  });

  it('tells of the first read of a live property in each version, and of no value that only stands in', async () => {
    // given
    const { app, records, rotate } = await appOf({ providers: [Living] });
    const living = app.get(Living);
    expect(records).toEqual([]);
    // when
    expect([living.key, living.key, living.user, living.absent]).toEqual([
      'canary-a1',
      'canary-a1',
      'canary-u1',
      'canary-default',
    ]);
    await rotate(2);
    const before = records.length;
    expect([living.key, living.key]).toEqual(['canary-A-2', 'canary-A-2']);
    // then
    expect(before).toBe(2);
    expect(told(records)).toEqual([
      'property: class Living.key A #1',
      'property: class Living.user DB #1',
      'property: class Living.key A #2',
    ]);
  });

  it('tells of a method at its call, once in each version', async () => {
    // given
    const { app, records, rotate } = await appOf({ providers: [Calling] });
    // when
    for (let call = 0; call < 100; call += 1) app.get(Calling).charge();
    await rotate(2);
    app.get(Calling).charge();
    // then
    expect(told(records)).toEqual(['call: class Calling.charge A #1', 'call: class Calling.charge A #2']);
  });

  it('tells of who holds a ref with each value that is published', async () => {
    // given
    const { client, records, rotate } = await appOf({ providers: [Holding, HoldingProperty] });
    client.ref('A');
    // when
    await rotate(2);
    // then
    const each = ['class Holding.constructor', 'class HoldingProperty.ref', 'ref client.ref'];
    expect(told(records).sort()).toEqual(each.flatMap((who) => [`ref: ${who} A #1`, `ref: ${who} A #2`]));
  });

  it('tells of handlers, resources and factories', async () => {
    // given
    const made: unknown[] = [];
    const create = (value: unknown) => {
      made.push(value);
      if (made.length === 2) throw new Error('not yet');
      return { value };
    };
    const pool = rotatingProvider({ provide: POOL, secret: 'A', create: create as never, dispose: () => undefined });
    const factory = { provide: 'FACTORY', inject: [getSecretToken('A')], useFactory: (key: string) => [key] };
    const refs = { provide: 'REFS', inject: [getSecretRefToken('A')], useFactory: (ref: SecretRef) => [ref] };
    const { app, records, rotate } = await appOf({ providers: [Handling, pool, factory, refs] });
    expect(app.get('FACTORY')).toEqual(['canary-a1']);
    expect(app.get<Rotating<{ value: unknown }>>(POOL).current.value).toBe('canary-a1');
    expect(told(records).sort()).toEqual([
      'construction: provider FACTORY A #1',
      'ref: provider REFS A #1',
      'resource: resource Symbol(POOL) A #1',
    ]);
    records.length = 0;
    // when
    await rotate(2);
    // then
    expect(app.get(Handling).seen).toEqual(['canary-A-2']);
    expect(made.length).toBeGreaterThan(1);
    expect(records.map(({ by, consumer: { name, member } }) => `${by} ${name} ${member}`).sort()).toEqual([
      'handler Handling swap',
      'ref REFS undefined',
      'resource Symbol(POOL) undefined',
    ]);
    expect(new Set(records.map(({ version }) => version)).size).toBe(1);
  });

  it('tells of what is asked for by name', async () => {
    // given
    const { app, client, records, rotate } = await appOf({
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, ignoreEnvVars: true })],
      config: { namespace: 'secrets' },
    });
    // when
    client.get('A');
    client.get('A');
    client.get('DB', { field: 'user' });
    await client.fetch('A');
    await client.withSecret('NEW', () => Promise.resolve());
    app.get(ConfigService).get('secrets.A');
    await client.getByPath('');
    await client.fetchSecrets();
    await rotate(2);
    client.get('A');
    // then
    expect(told(records)).toEqual([
      'read: client client.get A #1',
      'read: client client.get DB #1',
      'read: client client.fetch A #1',
      'read: client client.withSecret NEW #1',
      'read: config secrets A #1',
      'read: client client.getByPath A #1',
      'read: client client.getByPath DB #1',
      'read: client client.getByPath NEW #1',
      'read: client client.fetchSecrets A #1',
      'read: client client.fetchSecrets DB #1',
      'read: client client.fetchSecrets NEW #1',
      'read: client client.get A #2',
    ]);
  });

  it('tells of nothing that was not given: a failed read, a missing name', async () => {
    // given
    const { client, records } = await appOf();
    // when
    expect(() => client.get('ABSENT')).toThrow();
    await expect(client.fetch('ABSENT')).rejects.toThrow();
    expect(() => client.get('DB', { field: 'nothing' })).toThrow();
    // then
    expect(records).toEqual([]);
  });

  it('tells of ten thousand instances of a class once in each version', async () => {
    // given
    const { app, records, rotate } = await appOf({ providers: [Fleeting, OfRequest] });
    // when
    for (let made = 0; made < 10_000; made += 1) void (await app.resolve(Fleeting)).key;
    for (let made = 0; made < 100; made += 1) await app.resolve(OfRequest, ContextIdFactory.create());
    await rotate(2);
    for (let made = 0; made < 100; made += 1) void (await app.resolve(Fleeting)).key;
    await app.resolve(OfRequest, ContextIdFactory.create());
    // then
    const each = (n: number) => [
      `construction: class Fleeting.constructor A #${n}`,
      `property: class Fleeting.key A #${n}`,
      `construction: class OfRequest.constructor A #${n}`,
    ];
    expect(told(records)).toEqual([...each(1), ...each(2)]);
  });

  it('tells of classes that are made while the app runs, and of middlewares', async () => {
    // given
    const { app, client, records } = await appOf({
      configure: (consumer) => void consumer.apply(Passing).forRoutes('x'),
    });
    @Module({ providers: [Snapshot] })
    class Later {}
    // when
    await app.get(LazyModuleLoader).load(() => Later);
    await app.get(ModuleRef).create(Holding);
    // then
    expect(told(records)).toEqual([
      'construction: class Passing.constructor A #1',
      'construction: class Snapshot.constructor A #1',
      'ref: class Holding.constructor A #1',
    ]);
    expect(client.status().flatMap(({ consumers }) => consumers)).toContainEqual({
      kind: 'class',
      name: 'Holding',
      member: 'constructor',
    });
  });

  it('tells of no place that a test gives something else', async () => {
    // given
    const providers = [Snapshot, Living, Calling, { provide: 'F', inject: [getSecretToken('A')], useFactory: String }];
    const { app, records } = await appOf({ providers, override: 'given' });
    // when
    expect([app.get(Living).key, app.get(Calling).charge(), app.get(Snapshot).key]).toEqual([
      'given',
      'given',
      'given',
    ]);
    // then
    expect(records).toEqual([]);
  });
});

describe('the stream of the audit', () => {
  it('gives a late subscriber the last thousand, then what comes', async () => {
    // given
    const { client, source } = await appOf();
    for (let name = 0; name < 1_500; name += 1) source.rotate(`N${name}`, `canary-${name}`);
    for (let name = 0; name < 1_500; name += 1) await client.fetch(`N${name}`);
    // when
    const late: AuditRecord[] = [];
    client.audit$.subscribe((record) => late.push(record));
    await client.fetch('NEW');
    // then
    expect(late).toHaveLength(1_001);
    expect([late[0]!.name, late[999]!.name, late[1_000]!.name]).toEqual(['N500', 'N1499', 'NEW']);
  });

  it('goes on, as do the app and the others, where a subscriber throws', async () => {
    // given
    const { app, client, records, logger } = await appOf({ providers: [Living, Snapshot] });
    client.audit$.subscribe(() => {
      throw new Error('canary-thrown');
    });
    // when
    const read = app.get(Living).key;
    // then
    expect(read).toBe('canary-a1');
    expect(told(records)).toHaveLength(2);
    expect(logger.text).toContain('An observer of secrets of "default" failed');
    expect(logger.text).not.toContain('canary');
  });

  it('ends when the app has closed', async () => {
    // given
    const { app, ends } = await appOf();
    // when
    await app.close();
    // then
    expect(ends).toEqual(['end']);
  });

  it('is of one app, however many there are', async () => {
    // given
    const [first, second, silent] = await Promise.all([
      appOf({ providers: [Living] }),
      appOf({ providers: [Living, Snapshot] }),
      appOf({ providers: [Living, Snapshot], audit: false }),
    ]);
    // when
    void first.app.get(Living).key;
    void silent.app.get(Living).key;
    // then
    expect(told(first.records)).toEqual(['property: class Living.key A #1']);
    expect(told(second.records)).toEqual(['construction: class Snapshot.constructor A #1']);
  });

  it('holds no value, in whatever way it is printed', async () => {
    // given
    const { app, client, records } = await appOf({ providers: [Snapshot, Living, Calling, Holding, Handling] });
    // when
    void app.get(Living).key;
    app.get(Calling).charge();
    client.get('DB');
    // then
    expect(records.length).toBeGreaterThan(4);
    for (const printed of [records, client.audit$, client])
      expect(inspect(printed, { depth: 12, showHidden: true, getters: false })).not.toContain('canary');
    expect(JSON.stringify(records)).not.toContain('canary');
  });

  it('is refused by name where it is off, and then nothing is put on the ways to a value', async () => {
    // given
    const { app, client } = await appOf({ audit: false, providers: [Living] });
    // when
    const ask = () => client.audit$;
    // then
    expect(ask).toThrow(SecretConfigurationError);
    expect(ask).toThrow(/audit: true/);
    expect(client.constructor).toBe(HcpVaultClient);
    expect(app.get(Living).key).toBe('canary-a1');
  });

  it('refuses an option that is not a boolean', () => {
    // when
    const ask = () => HcpVaultModule.forRoot({ audit: 'yes' as never });
    // then
    expect(ask).toThrow(/audit/);
  });
});
