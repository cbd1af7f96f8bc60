import { jest } from '@jest/globals';
import { Controller, Get, Injectable, Query, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { EventEmitter } from 'node:events';
import request from 'supertest';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  WithSecrets,
} from 'nestjs-hcp-vault';

const values = () => ({ STRIPE_KEY: 'sk-1', DB: { user: 'u-1' }, TEXT: 'no json', DOC: '{"a":{"b":1}}' });

@Injectable()
class Payments {
  readonly prefix = 'p';

  @WithSecrets()
  charge(amount: number, @InjectSecret('STRIPE_KEY') key?: string, note = 'none'): unknown[] {
    return [this.prefix, amount, key, note];
  }

  @WithSecrets()
  chargeWith(amount: number, @InjectSecret('STRIPE_KEY', { given: true }) key?: string): unknown[] {
    return [amount, key];
  }

  @WithSecrets()
  async connect(@InjectSecretField('DB', 'user') user?: string): Promise<string | undefined> {
    return user;
  }

  @WithSecrets()
  *list(@InjectSecretField('DOC', 'a.b') count = 0): Generator<number> {
    for (let index = 0; index <= count; index += 1) yield index;
  }

  @WithSecrets()
  noJson(@InjectSecretField('TEXT', 'a') _value?: string): void {}

  @WithSecrets()
  async noKey(@InjectSecretField('DB', 'nope') _value?: string): Promise<void> {}

  @WithSecrets()
  missing(@InjectSecret('ABSENT') _value?: string): void {}

  @WithSecrets()
  either(
    @InjectSecret('ABSENT', { default: 'd' }) a?: string,
    @InjectSecret('ABSENT', { optional: true }) b = 'e',
  ): unknown[] {
    return [a, b];
  }
}

@Injectable()
class SpecialPayments extends Payments {
  override charge(amount: number): unknown[] {
    return ['special', ...super.charge(amount * 2)];
  }
}

async function appWith(providers: unknown[], source = memorySource(values())) {
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source })],
    providers: providers as [],
  }).compile();
  await module.init();
  return { module, source, client: module.get(HcpVaultClient) };
}

describe('secrets in method parameters', () => {
  it('given calls with and without the argument, when they are made, then the current value fills it', async () => {
    const { module, source, client } = await appWith([Payments]);
    const payments = module.get(Payments);
    expect(payments.charge(1)).toEqual(['p', 1, 'sk-1', 'none']);
    expect(payments.charge(1, 'what a caller gives', 'x')).toEqual(['p', 1, 'sk-1', 'x']);
    expect(payments.charge(1, null as never)).toEqual(['p', 1, 'sk-1', 'none']);
    source.rotate('STRIPE_KEY', 'sk-2');
    await client.refresh();
    expect(payments.charge(2)).toEqual(['p', 2, 'sk-2', 'none']);
    expect(await payments.connect()).toBe('u-1');
    expect([...payments.list()]).toEqual([0, 1]);
    expect(payments.either()).toEqual(['d', 'e']);
    await module.close();
  });

  it('given a parameter where what the caller gives counts, when it is called, then that is taken, and the secret for undefined', async () => {
    const { module } = await appWith([Payments]);
    const payments = module.get(Payments);
    expect([payments.chargeWith(1, 'mine'), payments.chargeWith(2), payments.chargeWith(3, undefined)]).toEqual([
      [1, 'mine'],
      [2, 'sk-1'],
      [3, 'sk-1'],
    ]);
    expect(new Payments().chargeWith(1, 'mine')).toEqual([1, 'mine']);
    await module.close();
  });

  it('given `given` in another place, when the class is read, then the error names option and place', () => {
    class Subject {}
    const message = (place: string) =>
      expect.stringMatching(new RegExp(`"given".*@InjectSecret\\w*\\("KEY"\\).*${place}`));
    const code = 'SECRET_CONFIGURATION';
    expect(() => InjectSecret('KEY', { given: true })(Subject, undefined, 0)).toThrow(
      expect.objectContaining({ code, message: message('Subject') }),
    );
    expect(() => InjectSecretField('KEY', 'a', { given: false })(Subject.prototype, 'key')).toThrow(
      expect.objectContaining({ code, message: message('Subject.key') }),
    );
    expect(() => InjectSecretRef('KEY', { given: true } as never)).toThrow(expect.objectContaining({ code }));
  });

  it('given frameworks that hand payloads, requests and signals to every parameter, when they call, then none stands in for the secret', async () => {
    const seen: unknown[] = [];
    @Controller()
    class Api {
      // Without decorators of parameters Nest hands request, response and `next`.
      @WithSecrets()
      @Get()
      handle(@InjectSecret('STRIPE_KEY') key?: unknown): string {
        seen.push(key);
        return 'done';
      }

      @WithSecrets()
      onEvent(payload: unknown, @InjectSecret('STRIPE_KEY') key?: unknown): void {
        seen.push(payload, key);
      }
    }
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource(values()) })],
      controllers: [Api],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    // Nest leaves the answer to a handler that takes the response: this one does not.
    const answered = request(app.getHttpServer()).get('/').timeout(2000);
    const emitter = new EventEmitter();
    const api = app.get(Api);
    emitter.on('paid', (...args: unknown[]) => void Reflect.apply(api.onEvent, api, args));
    emitter.emit('paid', 'payload', new AbortController().signal, 'sender');
    expect((await answered).text).toBe('done');
    expect(seen).toEqual(['payload', 'sk-1', 'sk-1']);
    await app.close();
  });

  it('given a subclass that calls its parent, when it is called, then the parent’s parameter is filled', async () => {
    const { module } = await appWith([SpecialPayments]);
    expect(module.get(SpecialPayments).charge(2)).toEqual(['special', 'p', 4, 'sk-1', 'none']);
    await module.close();
  });

  it('given a value that is not JSON, lacks the key or is missing, when the method is called, then it fails at the call, as sync or async as it is', async () => {
    const { module } = await appWith([Payments]);
    const payments = module.get(Payments);
    expect(() => payments.noJson()).toThrow(expect.objectContaining({ code: 'SECRET_FIELD', secretName: 'TEXT' }));
    const rejected = payments.noKey();
    await expect(rejected).rejects.toMatchObject({ code: 'SECRET_FIELD', secretName: 'DB', field: 'nope' });
    expect(() => payments.missing()).toThrow(expect.objectContaining({ code: 'SECRET_NOT_FOUND' }));
    await module.close();
  });

  it('given an instance that Nest did not make, when its method is called, then the error says what to do', () => {
    expect(() => new Payments().charge(1)).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining('Payments.charge') }),
    );
  });

  it('given a method without @WithSecrets, when the app starts, then the error names it', async () => {
    @Injectable()
    class Forgotten {
      run(@InjectSecret('STRIPE_KEY') _key?: string): void {}
    }
    await expect(appWith([Forgotten])).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('Forgotten.run'),
    });
  });

  it('given a route with decorators of its own, when it is requested, then route, query and metadata are as they were', async () => {
    @Controller('pay')
    class Api {
      @SetMetadata('below', 1)
      @WithSecrets()
      @Get()
      @SetMetadata('above', 2)
      pay(@Query('amount') amount: string, @InjectSecret('STRIPE_KEY') key?: string) {
        return { amount, key };
      }
    }
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource(values()) })],
      controllers: [Api],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect((await request(app.getHttpServer()).get('/pay?amount=3')).body).toEqual({ amount: '3', key: 'sk-1' });
    const method = app.get(Api).pay;
    const reflector = app.get(Reflector);
    expect([
      reflector.get<number>('below', method),
      reflector.get<number>('above', method),
      method.name,
      method.length,
    ]).toEqual([1, 2, 'pay', 2]);
    await app.close();
  });

  it('given an overridden token in a test, when the method is called, then it gets the test’s value', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({}) })],
      providers: [Payments],
    })
      .overrideProvider(getSecretToken('STRIPE_KEY'))
      .useValue('from the test')
      .compile();
    expect(module.get(Payments).charge(1)).toEqual(['p', 1, 'from the test', 'none']);
    await module.close();
  });

  it('given a mock of a collaborator, when it is spied on, then the spy sees the filled argument', async () => {
    const { module } = await appWith([Payments]);
    const payments = module.get(Payments);
    const spy = jest.spyOn(payments, 'charge');
    payments.charge(5);
    expect(spy.mock.results[0]!.value).toEqual(['p', 5, 'sk-1', 'none']);
    await module.close();
  });
});
