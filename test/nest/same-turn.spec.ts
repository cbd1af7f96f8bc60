import { setImmediate as endOfTurn } from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CanActivate, CallHandler, NestInterceptor, PipeTransform } from '@nestjs/common';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { Observable } from 'rxjs';
import request from 'supertest';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  registerSecrets,
  WithSecrets,
  type SecretRef,
  type SecretRotatedEvent,
  type SecretsView,
} from 'nestjs-hcp-vault';

const secretsConfig = registerSecrets('secrets');

/** Every way to see a secret, in one class. */
abstract class Observer {
  @InjectSecret('DB') readonly property!: { password: string };
  @InjectSecretField('DB', 'password') readonly fieldProperty!: string;
  @InjectSecretRef('DB') readonly ref!: SecretRef<{ password: string }>;
  @InjectSecretRef('DB', { field: 'password' }) readonly fieldRef!: SecretRef<string>;
  @Inject(ConfigService) readonly config!: ConfigService;
  @Inject(secretsConfig.KEY) readonly view!: SecretsView;
  streamed: string[] = [];

  watch(): this {
    this.fieldRef.changes$.subscribe((value) => this.streamed.push(value));
    return this;
  }

  @WithSecrets()
  parameter(@InjectSecretField('DB', 'password') password?: string): string | undefined {
    return password;
  }

  seen(): Record<string, unknown> {
    return {
      property: this.property.password,
      field: this.fieldProperty,
      ref: this.ref.value.password,
      fieldRef: this.fieldRef.value,
      parameter: this.parameter(),
      config: this.config.get<string>('secrets.DB.password'),
      view: (this.view['DB'] as { password: string }).password,
    };
  }
}

const all = (password: string) => ({
  property: password,
  field: password,
  ref: password,
  fieldRef: password,
  parameter: password,
  config: password,
  view: password,
});

const handled: string[] = [];

@Injectable()
class Singleton extends Observer {
  @OnSecretRotated('DB') onRotation({ current }: SecretRotatedEvent<{ password: string }>) {
    // Inside a handler everything shows the new value already: old and new are never mixed.
    expect(this.seen()).toEqual(all(current.password));
    handled.push(current.password);
  }
}
@Injectable({ scope: Scope.REQUEST })
class PerRequest extends Observer {}
@Injectable({ scope: Scope.TRANSIENT })
class PerConsumer extends Observer {}
const kept: Observer[] = [];
@Injectable()
class Guard extends Observer implements CanActivate {
  canActivate() {
    kept.push(this);
    return true;
  }
}
@Injectable()
class Interceptor extends Observer implements NestInterceptor {
  intercept(_: unknown, next: CallHandler): Observable<unknown> {
    kept.push(this);
    return next.handle();
  }
}
@Injectable()
class Pipe extends Observer implements PipeTransform {
  transform(value: unknown) {
    kept.push(this);
    return value;
  }
}
@Controller()
class Api extends Observer {
  @Inject(PerRequest) private readonly perRequest!: PerRequest;
  @Inject(PerConsumer) private readonly perConsumer!: PerConsumer;

  @UseGuards(Guard)
  @UseInterceptors(Interceptor)
  @UsePipes(Pipe)
  @Get()
  keep() {
    kept.push(this, this.perRequest, this.perConsumer);
    return 'kept';
  }
}

describe('a rotation reaches everything in one turn', () => {
  it('given observers of every scope and kind, when the source rotates, then none sees it before the refresh, and all do in the same turn', async () => {
    const source = memorySource({ DB: { password: 'p1' } });
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
        HcpVaultModule.forRoot({ source, refresh: { enabled: false } }),
      ],
      controllers: [Api],
      providers: [Singleton, PerRequest, PerConsumer],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    await request(app.getHttpServer()).get('/').expect(200);
    @Injectable()
    class Lazy extends Observer {}
    @Module({ providers: [Lazy] })
    class LazyModule {}
    const lazy = (await app.get(LazyModuleLoader).load(() => LazyModule)).get(Lazy);
    const created = await app.get(ModuleRef).create(class Created extends Observer {});
    const resolved = await app.resolve(PerConsumer);
    const observers: Observer[] = [app.get(Singleton), lazy, created, resolved, ...kept].map((each) => each.watch());
    expect(observers.map((each) => each.constructor.name).sort()).toEqual(
      [
        'Api',
        'Created',
        'Guard',
        'Interceptor',
        'Lazy',
        'PerConsumer',
        'PerConsumer',
        'PerRequest',
        'Singleton',
        'Pipe',
      ]
        .filter(
          (name) => name !== 'Pipe', // the route has no parameter, so no pipe runs
        )
        .sort(),
    );
    const client = app.get(HcpVaultClient);
    for (const password of ['p2', 'p3']) {
      const before = observers.map((each) => each.seen());
      source.rotate('DB', { password });
      await new Promise((resolve) => endOfTurn(resolve));
      expect(observers.map((each) => each.seen())).toEqual(before);
      // The first listener of the batch looks at everybody: whoever is told first sees all of them new.
      const first = client.rotations$.subscribe(() => {
        for (const each of observers) expect(each.seen()).toEqual(all(password));
        for (const each of observers) expect(each.streamed.at(-1)).toBe(password);
        expect(handled.at(-1)).toBe(password);
      });
      await client.refresh();
      first.unsubscribe();
      expect(observers.map((each) => each.seen())).toEqual(observers.map(() => all(password)));
    }
    expect(handled).toEqual(['p2', 'p3']);
    await app.close();
  });
});

describe('many rotations', () => {
  it('given 100,000 rotations, when they are over, then listeners are as before and the heap has not grown with them', async () => {
    const source = memorySource({ DB: { password: 'p' } });
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
        HcpVaultModule.forRoot({ source, refresh: { enabled: false } }),
      ],
      providers: [Singleton],
    }).compile();
    await module.init();
    const client = module.get(HcpVaultClient);
    const observer = module.get(Singleton).watch();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const rotate = async (from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        await client.update('DB', { password: `p${index}` });
        observer.streamed.length = 0;
        handled.length = 0;
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    await rotate(0, 5_000);
    const early = await rotate(5_000, 10_000);
    const late = await rotate(10_000, 100_000);
    expect(observer.property.password).toBe('p99999');
    // A leak of one listener, event or value a rotation would be tens of MB by now.
    expect(late - early).toBeLessThan(8 * 1024 * 1024);
    await module.close();
  }, 300_000); // four seconds outside jest, whose modules run in a vm
});
