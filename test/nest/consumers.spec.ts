import { Controller, Get, Injectable, Module, Scope, type MiddlewareConsumer } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  getClientToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  registerSecrets,
  rotatingProvider,
  type SecretRef,
  WithSecrets,
} from 'nestjs-hcp-vault';

@Injectable()
class Billing {
  @InjectSecret('A') readonly key!: string;
  @InjectSecretField('B', 'user') readonly user!: string;

  constructor(
    @InjectSecret('A') readonly snapshot: string,
    @InjectSecretRef('A') readonly ref: SecretRef<string>,
    @InjectSecret('OTHER', { connection: 'other' }) readonly other: string,
  ) {}

  @WithSecrets()
  charge(@InjectSecret('A') _key?: string, @InjectSecret('B') _b?: unknown): void {}

  @OnSecretRotated('B')
  swap(): void {}

  @OnSecretRotated('A')
  rotated(): void {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Fleeting {
  @InjectSecret('A') readonly key!: string;
}

@Injectable()
class Guarding {
  @InjectSecret('B') readonly b!: unknown;

  use(_request: unknown, _response: unknown, next: () => void): void {
    next();
  }
}

@Controller('x')
class Door {
  constructor(@InjectSecret('A') readonly key: string) {}

  @Get() get(): void {}
}

const values = () => ({ A: 'canary-a', B: { user: 'canary-u', password: 'canary-p' } });

async function appOf(providers: unknown[], more: { imports?: unknown[]; required?: string[] } = {}) {
  @Module({
    imports: [
      HcpVaultModule.forRoot({ source: memorySource(values()), required: more.required ?? [] }),
      HcpVaultModule.forRoot({ connection: 'other', source: memorySource({ OTHER: 'canary-o' }) }),
      ...((more.imports ?? []) as []),
    ],
    providers: providers as [],
    controllers: [Door],
  })
  class Root {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(Guarding).forRoutes('x');
    }
  }
  const module = await Test.createTestingModule({ imports: [Root] }).compile();
  const app = module.createNestApplication({ logger: false });
  await app.init();
  return app;
}

type App = Awaited<ReturnType<typeof appOf>>;

const consumersOf = (app: App, name: string, connection?: string): string[] =>
  app
    .get<HcpVaultClient>(getClientToken(connection))
    .status()
    .find((status) => status.name === name)!
    .consumers.map(({ kind, name: of, member }) => [kind, of, member].filter(Boolean).join(' '));

describe('who is given a secret, as the status tells', () => {
  it('given each kind of place, when it is asked for, then each is there once, with its class and member, of its own connection', async () => {
    const pool = rotatingProvider({
      provide: 'POOL',
      secret: 'B',
      create: () => ({}),
      dispose: () => undefined,
    });
    const factory = { provide: 'FACTORY', inject: [getSecretToken('A')], useFactory: () => ({}) };
    const app = await appOf([Billing, pool, factory], { required: ['B'] });
    const ofA = ['class Billing constructor', 'class Billing key', 'provider FACTORY', 'class Door constructor'];
    const methods = ['class Billing charge', 'handler Billing rotated'];
    expect(consumersOf(app, 'A')).toEqual([...ofA, ...methods]);
    expect(consumersOf(app, 'B')).toEqual([
      'class Billing user',
      'resource POOL',
      'class Billing charge',
      'handler Billing swap',
      'class Guarding b',
      'required required',
    ]);
    expect(consumersOf(app, 'OTHER', 'other')).toEqual(['class Billing constructor']);
    app.get(HcpVaultClient).ref('A');
    app.get(HcpVaultClient).ref('A');
    expect(consumersOf(app, 'A')).toEqual([...ofA, ...methods, 'ref client.ref']);
    await app.close();
  });

  it('given a transient class that is made thousands of times, when it is asked for, then it is there once', async () => {
    const app = await appOf([Fleeting]);
    for (let made = 0; made < 2_000; made += 1) await app.resolve(Fleeting);
    expect(consumersOf(app, 'A')).toEqual(['class Fleeting key', 'class Door constructor']);
    await app.close();
  });

  it('given ConfigService that shows all, when it is asked for, then the namespaces stand with each secret, but for a name that is not shown', async () => {
    const secretsConfig = registerSecrets('vaulted');
    const app = await appOf([], {
      imports: [ConfigModule.forRoot({ load: [secretsConfig], ignoreEnvFile: true })],
    });
    expect(consumersOf(app, 'B')).toEqual(['class Guarding b', 'config vaulted']);
    await app
      .get(HcpVaultClient)
      .fetch('toString')
      .catch(() => undefined);
    app.get(HcpVaultClient).ref('toString');
    expect(consumersOf(app, 'toString')).toEqual(['ref client.ref']);
    await app.close();
  });

  it('given a module that is loaded later, and a class that `moduleRef.create` makes, when it is asked for, then they are there', async () => {
    const app = await appOf([]);
    @Injectable()
    class Late {
      constructor(@InjectSecret('B') readonly b: unknown) {}
    }
    @Module({ providers: [Late] })
    class LateModule {}
    @Injectable()
    class Made {
      @InjectSecret('A') readonly a!: string;
    }
    await app.get(LazyModuleLoader).load(() => LateModule);
    await app.get(ModuleRef).create(Made);
    expect(consumersOf(app, 'B')).toEqual(['class Late constructor', 'class Guarding b']);
    expect(consumersOf(app, 'A')).toEqual(['class Door constructor', 'class Made a']);
    await app.close();
  });

  it('given two apps in one process, when each is asked, then each tells of its own', async () => {
    const [one, two] = [await appOf([Billing]), await appOf([Fleeting])];
    expect(consumersOf(one, 'A')).not.toContain('class Fleeting key');
    expect(consumersOf(two, 'A')).toEqual(['class Fleeting key', 'class Door constructor']);
    await one.close();
    await two.close();
  });

  it('given a test that gives a secret itself, when it is asked for, then who gets that is not a consumer', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource(values()), required: ['A'] })],
      providers: [{ provide: 'FACTORY', inject: [getSecretToken('A')], useFactory: () => ({}) }],
    })
      .overrideProvider(getSecretToken('A'))
      .useValue('given')
      .compile();
    await module.init();
    const [status] = module.get(HcpVaultClient).status();
    expect(status!.consumers).toEqual([{ kind: 'required', name: 'required' }]);
    await module.close();
  });
});
