import type {
  CanActivate,
  CallHandler,
  ExecutionContext,
  NestInterceptor,
  PipeTransform,
  ExceptionFilter,
} from '@nestjs/common';
import { Controller, Get, Injectable, Scope, UseGuards } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { inspect } from 'node:util';
import type { Observable } from 'rxjs';
import request from 'supertest';
import {
  getClientToken,
  getSecretSourceToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectHcpVaultClient,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  type SecretRef,
} from 'nestjs-hcp-vault';

@Injectable()
class BeforeService {
  @InjectSecretField('AWS', 'values.access_key_id') readonly accessKeyId!: string;
  @InjectSecret('KEY') readonly key!: string;
  plain = 1;

  constructor(
    @InjectSecret('KEY') readonly snapshot: string,
    @InjectSecretField('AWS', 'values.access_key_id') readonly id: string,
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
    @InjectSecretRef('AWS', { field: 'values.access_key_id' }) readonly fieldRef: SecretRef<string>,
    @InjectSecret('NOPE', { optional: true }) readonly nothing: string | undefined,
    @InjectSecret('NOPE', { default: 'fallback' }) readonly fallback: string,
  ) {}
}

const values = () => ({
  KEY: 'key-1',
  AWS: { values: { access_key_id: 'id-1', secret_access_key: 's-1' } },
  LAZY_KEY: 'lazy-1',
  LAZY_DB: '{"user":"u-1"}',
  LATER: 'later-1',
});

async function appWith(
  providers: unknown[],
  options: { source?: ReturnType<typeof memorySource>; imports?: unknown[] } = {},
) {
  const source = options.source ?? memorySource(values());
  const builder = Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source }), ...((options.imports ?? []) as [])],
    providers: providers as [],
  });
  const module = await builder.compile();
  await module.init();
  return { module, source, client: module.get(HcpVaultClient) };
}

describe('secrets by injection', () => {
  it('given each place of a class, when it is made, then each holds its secret', async () => {
    const { module } = await appWith([BeforeService]);
    const service = module.get(BeforeService);
    expect(service.snapshot).toBe('key-1');
    expect(service.id).toBe('id-1');
    expect(service.key).toBe('key-1');
    expect(service.accessKeyId).toBe('id-1');
    expect(service.ref.value).toBe('key-1');
    expect(service.fieldRef.value).toBe('id-1');
    expect(service.nothing).toBeUndefined();
    expect(service.fallback).toBe('fallback');
    await module.close();
  });

  it('given a rotation, when it is refreshed, then properties and refs show it and the constructor’s snapshot stays', async () => {
    const { module, source, client } = await appWith([BeforeService]);
    const service = module.get(BeforeService);
    source.rotate('KEY', 'key-2');
    source.rotate('AWS', { values: { access_key_id: 'id-2' } });
    expect(service.key).toBe('key-1');
    await client.refresh();
    expect(service.key).toBe('key-2');
    expect(service.accessKeyId).toBe('id-2');
    expect(service.ref.value).toBe('key-2');
    expect(service.fieldRef.value).toBe('id-2');
    expect(service.snapshot).toBe('key-1');
    await module.close();
  });

  it('given live properties, when the instance is printed, then no value shows', async () => {
    const { module } = await appWith([BeforeService]);
    @Injectable()
    class OnlyProperties {
      @InjectSecret('KEY') readonly key!: string;
      @InjectSecretField('AWS', 'values.access_key_id') readonly id!: string;
    }
    const instance = await module.get(ModuleRef).create(OnlyProperties);
    expect(instance.key).toBe('key-1');
    expect(`${JSON.stringify(instance)} ${inspect(instance, { showHidden: true, depth: 9 })}`).not.toMatch(
      /key-1|id-1/,
    );
    await module.close();
  });

  it('given secrets in inject lists, when the factory runs, then it gets them; and a missing one fails the start', async () => {
    const { module } = await appWith([
      {
        provide: 'DSN',
        inject: [getSecretToken('KEY'), { token: getSecretToken('GONE', { optional: true }), optional: true }],
        useFactory: (key: string, gone: unknown) => [key, gone],
      },
    ]);
    expect(module.get('DSN')).toEqual(['key-1', undefined]);
    await module.close();
    await expect(
      appWith([{ provide: 'DSN', inject: [getSecretToken('GONE')], useFactory: (x: string) => x }]),
    ).rejects.toMatchObject({
      code: 'SECRET_BOOTSTRAP',
      errors: [{ code: 'SECRET_NOT_FOUND', secretName: 'GONE' }],
    });
  });

  it('given a lazily loaded module, when it is loaded, then its secrets are read and live', async () => {
    const { module, source, client } = await appWith([]);
    const { LazyModule, LazyService } = await import('./fixtures/lazy.module.js');
    const lazy = await module.get(LazyModuleLoader).load(() => LazyModule);
    const service = lazy.get(LazyService);
    expect([service.parameter, service.user, service.property, service.ref.value]).toEqual([
      'lazy-1',
      'u-1',
      'lazy-1',
      'lazy-1',
    ]);
    source.rotate('LAZY_KEY', 'lazy-2');
    await client.refresh();
    expect([service.property, service.ref.value]).toEqual(['lazy-2', 'lazy-2']);
    await module.close();
  });

  it('given a class that is first decorated while the app runs, when moduleRef creates it, then it gets its secrets', async () => {
    const { module } = await appWith([]);
    @Injectable()
    class Created {
      constructor(@InjectSecret('LATER') readonly value: string) {}
    }
    const created = await module.get(ModuleRef).create(Created);
    expect(created.value).toBe('later-1');
    await module.close();
  });

  it('given a module behind a promise, when the app starts, then its secrets are there', async () => {
    const { module } = await appWith([], {
      imports: [import('./fixtures/later.module.js').then((m) => m.LaterModule)],
    });
    const { LaterService } = await import('./fixtures/later.module.js');
    expect(module.get(LaterService, { strict: false }).value).toBe('later-1');
    await module.close();
  });

  it('given request-scoped and transient classes, when each is made, then each gets the current value and stays live', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @InjectSecret('KEY') readonly live!: string;
      constructor(@InjectSecret('KEY') readonly snapshot: string) {}
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class PerConsumer {
      @InjectSecret('KEY') readonly live!: string;
    }
    @Controller()
    class Api {
      constructor(
        private readonly perRequest: PerRequest,
        private readonly perConsumer: PerConsumer,
      ) {}
      @Get() read() {
        return [this.perRequest.snapshot, this.perRequest.live, this.perConsumer.live];
      }
    }
    const source = memorySource(values());
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source })],
      controllers: [Api],
      providers: [PerRequest, PerConsumer],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect((await request(app.getHttpServer()).get('/')).body).toEqual(['key-1', 'key-1', 'key-1']);
    source.rotate('KEY', 'key-2');
    await app.get(HcpVaultClient).refresh();
    expect((await request(app.getHttpServer()).get('/')).body).toEqual(['key-2', 'key-2', 'key-2']);
    await app.close();
  });

  it('given guards, interceptors, pipes and filters, global and local, when a request passes, then each has its secret', async () => {
    const seen: Record<string, string> = {};
    abstract class Holder {
      @InjectSecret('KEY') readonly key!: string;
    }
    @Injectable()
    class Guard extends Holder implements CanActivate {
      canActivate() {
        seen[this.constructor.name] = this.key;
        return true;
      }
    }
    @Injectable()
    class LocalGuard extends Guard {}
    @Injectable()
    class Interceptor extends Holder implements NestInterceptor {
      intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
        seen['Interceptor'] = this.key;
        return next.handle();
      }
    }
    @Injectable()
    class Pipe extends Holder implements PipeTransform {
      transform(value: unknown) {
        seen['Pipe'] = this.key;
        return value;
      }
    }
    @Injectable()
    class Filter extends Holder implements ExceptionFilter {
      catch(_: unknown, host: ExecutionContext) {
        seen['Filter'] = this.key;
        host.switchToHttp().getResponse<{ status(code: number): { json(body: unknown): void } }>().status(418).json({});
      }
    }
    const { Query } = await import('@nestjs/common');
    @Controller()
    class Api {
      @UseGuards(LocalGuard)
      @Get()
      fail(@Query('q') _: string) {
        throw new Error('on purpose');
      }
    }
    const { Catch } = await import('@nestjs/common');
    Catch()(Filter);
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource(values()) })],
      controllers: [Api],
      providers: [
        { provide: APP_GUARD, useClass: Guard },
        { provide: APP_INTERCEPTOR, useClass: Interceptor },
        { provide: APP_PIPE, useClass: Pipe },
        { provide: APP_FILTER, useClass: Filter },
      ],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect((await request(app.getHttpServer()).get('/?q=1')).status).toBe(418);
    expect(seen).toEqual({ Guard: 'key-1', LocalGuard: 'key-1', Interceptor: 'key-1', Pipe: 'key-1', Filter: 'key-1' });
    await app.close();
  });

  it('given two apps with other secrets in one process, when both run, then each sees its own and needs only its own', async () => {
    @Injectable()
    class OnlyFirst {
      constructor(@InjectSecret('ONLY_FIRST') readonly value: string) {}
    }
    @Injectable()
    class OnlySecond {
      @InjectSecret('SHARED') readonly shared!: string;
    }
    const first = await appWith([OnlyFirst], { source: memorySource({ ONLY_FIRST: 'a', SHARED: 'one' }) });
    const second = await appWith([OnlySecond], { source: memorySource({ SHARED: 'two' }) });
    expect(first.module.get(OnlyFirst).value).toBe('a');
    expect(second.module.get(OnlySecond).shared).toBe('two');
    await first.module.close();
    second.source.rotate('SHARED', 'three');
    await second.client.refresh();
    expect(second.module.get(OnlySecond).shared).toBe('three');
    await second.module.close();
  });

  it('given named connections, when each is used, then tokens, clients and properties keep apart', async () => {
    @Injectable()
    class Both {
      @InjectSecret('KEY', { connection: 'other' }) readonly other!: string;
      @InjectHcpVaultClient('other') readonly otherClient!: HcpVaultClient;
      constructor(
        @InjectSecret('KEY') readonly own: string,
        readonly client: HcpVaultClient,
      ) {}
    }
    const module = await Test.createTestingModule({
      imports: [
        HcpVaultModule.forRoot({ source: memorySource({ KEY: 'default' }) }),
        HcpVaultModule.forRootAsync({
          connection: 'other',
          useFactory: () => ({ source: memorySource({ KEY: 'other' }) }),
        }),
      ],
      providers: [Both],
    }).compile();
    await module.init();
    const both = module.get(Both);
    expect([both.own, both.other, both.client.get('KEY'), both.otherClient.get('KEY')]).toEqual([
      'default',
      'other',
      'default',
      'other',
    ]);
    expect(module.get(getClientToken('other'))).toBe(both.otherClient);
    await module.close();
  });

  it('given one connection configured twice, when the app starts, then the error says so', async () => {
    const twice = Test.createTestingModule({
      imports: [
        HcpVaultModule.forRoot({ source: memorySource({}) }),
        HcpVaultModule.forRoot({ source: memorySource({}) }),
      ],
    }).compile();
    await expect(twice).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION', connection: 'default' });
  });

  it('given an overridden token, when the app starts, then the secret is not needed and the property keeps the plain value', async () => {
    @Injectable()
    class Service {
      @InjectSecret('ABSENT') readonly property!: string;
      constructor(@InjectSecret('ABSENT') readonly parameter: string) {}
    }
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({}) })],
      providers: [Service],
    })
      .overrideProvider(getSecretToken('ABSENT'))
      .useValue('from the test')
      .compile();
    await module.init();
    expect(module.get(Service)).toMatchObject({ property: 'from the test', parameter: 'from the test' });
    await module.close();
  });

  it('given an overridden source, when the real options can’t be made, then the app starts all the same', async () => {
    const module = await Test.createTestingModule({
      imports: [
        HcpVaultModule.forRootAsync({
          useFactory: () => {
            throw new Error('no credentials here');
          },
        }),
      ],
      providers: [BeforeService],
    })
      .overrideProvider(getSecretSourceToken())
      .useValue(memorySource(values()))
      .compile();
    expect(module.get(BeforeService).key).toBe('key-1');
    await module.close();
  });

  it('given a decorator on a static member or a malformed path, when the class is read, then the error is there at once', () => {
    expect(() => InjectSecretField('A', 'values.')).toThrow(expect.objectContaining({ code: 'SECRET_FIELD' }));
    expect(() => InjectSecret('A')(class Service {}, 'property')).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
    );
  });

  it('given names with signs that tokens use, when tokens are made, then they do not collide', () => {
    expect(getSecretToken('A#b')).not.toBe(getSecretToken('A', { field: 'b' }));
    expect(getSecretToken('A@1')).not.toBe(getSecretToken('A', { version: '1' }));
    expect(getSecretToken('A?')).not.toBe(getSecretToken('A', { optional: true }));
    expect(getSecretToken('b', { connection: 'a' })).not.toBe(getSecretToken('a:b'));
    expect(getSecretToken('KEY')).toBe(
      'HcpVaultSecret:default:KEY (HcpVaultModule.forRoot gives it; by hand: client.get)',
    );
    expect(getSecretToken('AWS', { field: 'values.access_key_id' })).toContain(
      'HcpVaultSecret:default:AWS#values.access_key_id ',
    );
  });
});
