import { Controller, Get, Injectable, Module, Scope, type INestApplicationContext } from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader, ModuleRef, ModulesContainer, NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import {
  getSecretRefToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  Lease,
  memorySource,
  SecretNotFoundError,
  SecretVersion,
  WithSecrets,
  type SecretRef,
  type SecretSource,
} from 'nestjs-hcp-vault';
import { recordingSource } from '../support/recording-source.js';

async function appWith(source: SecretSource, providers: unknown[] = []): Promise<INestApplicationContext> {
  @Module({ imports: [HcpVaultModule.forRoot({ source })], providers: providers as [] })
  class AppModule {}
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}

@Injectable()
class Payments {
  constructor(
    @InjectSecret('KEY') readonly key: string,
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
  ) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  @InjectSecret('KEY') readonly live!: string;
  constructor(
    @InjectSecret('KEY') readonly key: string,
    @InjectSecret('KEY', { default: 'none' }) readonly orNone: string,
  ) {}
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  constructor(
    @InjectSecret('KEY') readonly key: string,
    @InjectSecretField('DB', 'user') readonly user: string,
    @InjectSecret('NEW', { default: 'none' }) readonly orNone: string,
  ) {}
}

const values = () => ({ KEY: 'key-1', DB: { user: 'user-1' } });

describe('tokens of secrets in an app', () => {
  it('given what the app consumes, when app.get asks for it, then it is the current value', async () => {
    const source = memorySource(values());
    const app = await appWith(source, [Payments]);
    expect(app.get(getSecretToken('KEY'))).toBe('key-1');
    const ref = app.get<SecretRef<string>>(getSecretRefToken('KEY'));
    source.rotate('KEY', 'key-2');
    await app.get(HcpVaultClient).refresh();
    expect([app.get(getSecretToken('KEY')), ref.value, app.get(Payments).ref === ref]).toEqual([
      'key-2',
      'key-2',
      true,
    ]);
    await app.close();
  });

  it('given a token made by hand before the app, when nothing consumes it, then it was tried at the start, and app.get has it', async () => {
    const cookie = getSecretToken('COOKIE');
    const user = getSecretToken('DB', { field: 'user' });
    const { source, reads } = recordingSource({ ...values(), COOKIE: 'cookie-1' });
    const app = await appWith(source);
    expect([app.get(cookie), app.get(user)]).toEqual(['cookie-1', 'user-1']);
    expect(reads).toHaveLength(1);
    await app.close();
  });

  it('given such a token of a secret that is missing, when the app starts, then it starts; app.get throws, and says what does', async () => {
    const token = getSecretToken('BY_HAND_AND_MISSING');
    const source = memorySource(values());
    const app = await appWith(source);
    expect(() => app.get(token)).toThrow('client.get');
    await expect(app.resolve(token)).rejects.toBeInstanceOf(SecretNotFoundError);
    source.rotate('BY_HAND_AND_MISSING', 'there now');
    await app.get(HcpVaultClient).refresh();
    expect(await app.resolve(token)).toBe('there now');
    await app.close();
  });

  it('given a token made when the app runs, when app.get asks for it, then it throws, and says what does', async () => {
    const app = await appWith(memorySource({ ...values(), LATE: 'late-1', LATE_TOO: 'late-2' }));
    expect(() => app.get(getSecretToken('LATE'))).toThrow('client.get');
    expect(await app.get(HcpVaultClient).fetch('LATE')).toBe('late-1');
    await app.close();
  });

  it('given aliases of a token, when the secret rotates and ends, then they have what the token has', async () => {
    const source = memorySource(values());
    const aliases = [
      { provide: 'ALIAS', useExisting: getSecretToken('KEY') },
      { provide: 'ALIAS_OF_ALIAS', useExisting: 'ALIAS' },
    ];
    const app = await appWith(source, [...aliases]);
    source.rotate('KEY', 'key-2');
    await app.get(HcpVaultClient).refresh();
    expect([app.get('ALIAS'), app.get('ALIAS_OF_ALIAS')]).toEqual(['key-2', 'key-2']);
    await app.close();
  });

  it('given a module with a provider of its own for a token, when its class is made, then every place has that, through a rotation', async () => {
    @Injectable()
    class Shadowed {
      @InjectSecret('KEY') readonly live!: string;
      constructor(@InjectSecret('KEY') readonly key: string) {}
      @WithSecrets() call(@InjectSecret('KEY') key?: string): unknown {
        return key;
      }
    }
    const source = memorySource(values());
    const app = await appWith(source, [Shadowed, { provide: getSecretToken('KEY'), useValue: 'of the module' }]);
    source.rotate('KEY', 'key-2');
    await app.get(HcpVaultClient).refresh();
    const { key, live } = app.get(Shadowed);
    expect([key, live, app.get(Shadowed).call()]).toEqual(Array(3).fill('of the module'));
    await app.close();
  });

  it('given a class that this app only imports, when the app starts, then its secrets are not read', async () => {
    class Elsewhere {
      @InjectSecret('OF_ANOTHER_APP') readonly key!: string;
    }
    expect(Elsewhere).toBeDefined();
    const { source, reads } = recordingSource(values());
    const app = await appWith(source, [Payments]);
    expect(reads.flat()).not.toContain('OF_ANOTHER_APP');
    await app.close();
  });
});

describe('classes that are made while the app runs', () => {
  it.each([
    ['consumed by others too', [Payments]],
    ['consumed by nobody else', []],
  ])(
    'given secrets %s, when a class is created twice with a rotation between, then each has the current values',
    async (_, providers) => {
      const source = memorySource(values());
      const app = await appWith(source, providers);
      const moduleRef = app.get(ModuleRef);
      const first = await moduleRef.create(Transient);
      expect([first.key, first.live, first.orNone]).toEqual(['key-1', 'key-1', 'key-1']);
      source.rotate('KEY', 'key-2');
      await app.get(HcpVaultClient).refresh();
      const second = await moduleRef.create(Transient);
      expect([second.key, second.live, second.orNone, first.live, first.key]).toEqual([
        'key-2',
        'key-2',
        'key-2',
        'key-2',
        'key-1',
      ]);
      await app.close();
    },
  );

  it('given a secret that is not there, when a class that requires it is created again and again, then each try fails, until it is there', async () => {
    @Injectable()
    class Needy {
      constructor(@InjectSecret('COMES_LATER') readonly key: string) {}
    }
    const source = memorySource(values());
    const app = await appWith(source);
    const moduleRef = app.get(ModuleRef);
    for (let times = 0; times < 3; times += 1) {
      await expect(moduleRef.create(Needy)).rejects.toBeInstanceOf(SecretNotFoundError);
    }
    source.rotate('COMES_LATER', 'there');
    await app.get(HcpVaultClient).refresh('COMES_LATER');
    expect((await moduleRef.create(Needy)).key).toBe('there');
    await app.close();
  });

  it('given many that are created at once, when their secret fails, then none of them gets anything', async () => {
    @Injectable()
    class Needy {
      constructor(@InjectSecret('NEVER_THERE') readonly key: string) {}
    }
    const app = await appWith(memorySource(values()));
    const moduleRef = app.get(ModuleRef);
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, index) => {
        for (let turns = 0; turns < index; turns += 1) await Promise.resolve();
        return moduleRef.create(Needy);
      }),
    );
    expect(made.map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
    await app.close();
  });

  it('given a constructor that creates a class, when the app starts, then that has its secret', async () => {
    @Injectable()
    class Inner {
      constructor(@InjectSecret('DB') readonly db: { user: string }) {}
    }
    @Injectable()
    class Outer {
      readonly inner: Promise<Inner>;
      constructor(moduleRef: ModuleRef) {
        this.inner = moduleRef.create(Inner);
      }
    }
    const app = await appWith(memorySource(values()), [Outer]);
    expect((await app.get(Outer).inner).db).toEqual({ user: 'user-1' });
    await app.close();
  });

  it('given a method with a secret that is missing, when another class requires it later, then that one is refused', async () => {
    @Injectable()
    class Lenient {
      @WithSecrets() call(@InjectSecret('NOT_YET') key?: string): unknown {
        return key;
      }
    }
    @Injectable()
    class Strict {
      constructor(@InjectSecret('NOT_YET') readonly key: string) {}
    }
    const source = memorySource(values());
    const app = await appWith(source, [Lenient]);
    expect(() => app.get(Lenient).call()).toThrow(SecretNotFoundError);
    await expect(app.get(ModuleRef).create(Strict)).rejects.toBeInstanceOf(SecretNotFoundError);
    source.rotate('NOT_YET', 'now');
    await app.get(HcpVaultClient).refresh();
    expect([app.get(Lenient).call(), (await app.get(ModuleRef).create(Strict)).key]).toEqual(['now', 'now']);
    await app.close();
  });

  it('given classes that are created again and again with what is missing, when their secret appears, then the next one has it, and Nest holds none of the others', async () => {
    @Injectable()
    class Lenient {
      @WithSecrets() call(@InjectSecret('APPEARS') key?: string): unknown {
        return key;
      }
    }
    const source = memorySource(values());
    const app = await appWith(source);
    const moduleRef = app.get(ModuleRef);
    for (let times = 0; times < 50; times += 1) await moduleRef.create(Lenient);
    const wrapper = [...app.get(ModulesContainer).values()]
      .flatMap(({ providers }) => [...providers])
      .find(([token]) => String(token).startsWith('HcpVaultSecret:default:APPEARS'))![1];
    expect(wrapper.getDependents().size).toBe(0);
    source.rotate('APPEARS', 'here');
    await app.get(HcpVaultClient).refresh();
    expect((await moduleRef.create(Lenient)).call()).toBe('here');
    await app.close();
  });

  it('given a lazily loaded module, when its class needs what nobody has read, then it is read', async () => {
    const app = await appWith(memorySource({ ...values(), LAZY: 'lazy-1' }));
    @Injectable()
    class LazyService {
      @InjectSecretField('DB', 'user') readonly user!: string;
      constructor(@InjectSecret('LAZY') readonly key: string) {}
    }
    @Module({ providers: [LazyService] })
    class LazyModule {}
    const loaded = await app.get(LazyModuleLoader).load(() => LazyModule);
    const { key, user } = loaded.get(LazyService);
    expect([key, user]).toEqual(['lazy-1', 'user-1']);
    await app.close();
  });
});

describe('classes that are made for each request', () => {
  it('given a lazily loaded one with a secret that nobody has read, when it is made for requests, then it has it, read once', async () => {
    const { source, reads } = recordingSource({ ...values(), LAZY_REQUEST: 'lazy-1' });
    const app = await appWith(source);
    @Injectable({ scope: Scope.REQUEST })
    class LazyPerRequest {
      @InjectSecret('LAZY_REQUEST') readonly live!: string;
      constructor(@InjectSecret('LAZY_REQUEST') readonly key: string) {}
    }
    @Module({ providers: [LazyPerRequest] })
    class LazyModule {}
    const loaded = await app.get(LazyModuleLoader).load(() => LazyModule);
    const made = await Promise.all([1, 2, 3].map(() => loaded.resolve(LazyPerRequest, ContextIdFactory.create())));
    expect(made.map(({ key, live }) => [key, live])).toEqual(Array(3).fill(['lazy-1', 'lazy-1']));
    expect(reads.flat().filter((name) => name === 'LAZY_REQUEST')).toHaveLength(1);
    await app.close();
  });

  it('given one that is lazily loaded, and its secret missing, when it is made for requests, then each is refused, until it is there', async () => {
    const source = memorySource(values());
    const app = await appWith(source);
    @Injectable({ scope: Scope.REQUEST })
    class NeedyPerRequest {
      constructor(@InjectSecret('MISSING_FOR_REQUESTS') readonly key: string) {}
    }
    @Module({ providers: [NeedyPerRequest] })
    class LazyModule {}
    const loaded = await app.get(LazyModuleLoader).load(() => LazyModule);
    const make = (): Promise<NeedyPerRequest> => loaded.resolve(NeedyPerRequest, ContextIdFactory.create());
    for (let times = 0; times < 3; times += 1) await expect(make()).rejects.toBeInstanceOf(SecretNotFoundError);
    source.rotate('MISSING_FOR_REQUESTS', 'there');
    await app.get(HcpVaultClient).refresh('MISSING_FOR_REQUESTS');
    expect((await make()).key).toBe('there');
    await app.close();
  });

  it('given two rotations, and a secret that appears, when classes are made for requests, then each has what is current', async () => {
    const source = memorySource(values());
    const app = await appWith(source, [PerRequest]);
    const made = async (): Promise<string[]> => {
      const { key, user, orNone } = await app.resolve(PerRequest, ContextIdFactory.create());
      return [key, user, orNone];
    };
    expect(await made()).toEqual(['key-1', 'user-1', 'none']);
    source.rotate('KEY', 'key-2');
    source.rotate('NEW', 'new-1');
    await app.get(HcpVaultClient).refresh();
    expect(await made()).toEqual(['key-2', 'user-1', 'new-1']);
    source.rotate('KEY', 'key-3');
    source.rotate('DB', { user: 'user-2' });
    await app.get(HcpVaultClient).refresh();
    expect(await made()).toEqual(['key-3', 'user-2', 'new-1']);
    await app.close();
  });

  it('given a controller of a request under load, when the secret rotates, then every request after it has the new value', async () => {
    @Controller({ path: 'key', scope: Scope.REQUEST })
    class KeyController {
      constructor(@InjectSecret('KEY') private readonly key: string) {}
      @Get() read(): string {
        return this.key;
      }
    }
    const source = memorySource(values());
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source })],
      controllers: [KeyController],
    }).compile();
    const app = await module.createNestApplication().init();
    const server = app.getHttpServer() as Parameters<typeof request>[0];
    const read = async (): Promise<string> => (await request(server).get('/key')).text;
    const before = await Promise.all([read(), read(), read()]);
    source.rotate('KEY', 'key-2');
    const during = Promise.all([read(), read()]);
    await app.get(HcpVaultClient).refresh();
    const after = await Promise.all([read(), read(), read()]);
    expect([before, after]).toEqual([Array(3).fill('key-1'), Array(3).fill('key-2')]);
    expect((await during).every((key) => ['key-1', 'key-2'].includes(key))).toBe(true);
    await app.close();
  });

  it('given a value that has ended, when a class is made for a request, then it is refused; when it is back, then it is there', async () => {
    let fails = false;
    const source: SecretSource = {
      kind: 'short',
      read: async (names) => {
        if (fails) throw new Error('down');
        const lease = Lease.of({ id: 'one', duration: 50, renewable: false });
        return new Map(names.map((name) => [name, SecretVersion.of(`${name}-leased`, { lease })]));
      },
    };
    @Injectable({ scope: Scope.REQUEST })
    class Short {
      constructor(@InjectSecret('KEY') readonly key: string) {}
    }
    const app = await appWith(source, [Short]);
    const made = async (): Promise<string> => (await app.resolve(Short, ContextIdFactory.create())).key;
    expect(await made()).toBe('KEY-leased');
    fails = true;
    await new Promise((resolve) =>
      app.get(HcpVaultClient).events$.subscribe(({ type }) => type === 'ended' && resolve(0)),
    );
    await expect(made()).rejects.toThrow('KEY');
    await expect(made()).rejects.toThrow('KEY');
    fails = false;
    await app.get(HcpVaultClient).fetch('KEY', { forceRefresh: true });
    expect(await made()).toBe('KEY-leased');
    await app.close();
  });

  it('given bytes, when several classes get them, then each has a copy of its own', async () => {
    @Injectable()
    class One {
      constructor(@InjectSecret('BYTES') readonly bytes: Uint8Array) {}
    }
    @Injectable()
    class Two extends One {}
    const app = await appWith(memorySource({ BYTES: Uint8Array.of(1, 2, 3) }), [One, Two]);
    app.get(One).bytes.fill(0);
    expect([...app.get(Two).bytes]).toEqual([1, 2, 3]);
    expect([...app.get<Uint8Array>(getSecretToken('BYTES'))]).toEqual([1, 2, 3]);
    await app.close();
  });
});

describe('a connection that the app does not have', () => {
  class Reporting {
    @InjectSecret('TOKEN', { connection: 'reprots' }) readonly token!: string;
  }
  class Handled {
    @WithSecrets() send(@InjectSecret('TOKEN', { connection: 'nowhere' }) token?: string): unknown {
      return token;
    }
  }
  const two = [
    HcpVaultModule.forRoot({ source: memorySource(values()) }),
    HcpVaultModule.forRoot({ source: memorySource(values()), connection: 'reports' }),
  ];

  it.each([
    [
      'a property',
      Reporting,
      'Reporting.token asks for the secret "TOKEN" of the connection "reprots", which the app does not have. Did you mean "reports"? It has "default", "reports".',
    ],
    [
      'a method',
      Handled,
      'Handled.send asks for the secret "TOKEN" of the connection "nowhere", which the app does not have. It has "default", "reports".',
    ],
  ])('given %s of it, when the app starts, then the error names place and connections', async (_, type, text) => {
    const started = Test.createTestingModule({ imports: two, providers: [type] }).compile();
    await expect(started).rejects.toThrow(text);
    await expect(started).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
  });

  it('given no module at all, when a class is made, then the token in the text of Nest says what is missing', async () => {
    const started = Test.createTestingModule({ providers: [Payments] }).compile();
    await expect(started).rejects.toThrow('HcpVaultSecret:default:KEY (HcpVaultModule.forRoot gives it');
  });
});
