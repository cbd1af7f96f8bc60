import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { inspect } from 'node:util';
import ts from 'typescript';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  memorySource,
  OnSecretRotated,
  WithSecrets,
  type SecretRotatedEvent,
} from 'nestjs-hcp-vault';

@Injectable()
class Subject {
  @InjectSecret('KEY') readonly key!: string;
  readonly told: string[] = [];

  @WithSecrets() call(@InjectSecret('KEY') key?: string): string | undefined {
    return key;
  }

  @OnSecretRotated('KEY') rotated({ current }: SecretRotatedEvent<string>): void {
    this.told.push(current);
  }
}

@Injectable()
class Frozen {
  constructor() {
    Object.freeze(this);
  }
  @WithSecrets() call(@InjectSecret('KEY') key?: string): string | undefined {
    return key;
  }
}

const around: Record<string, <T extends object>(instance: T) => T> = {
  'a Proxy': (instance) => new Proxy(instance, {}),
  'a Proxy that hands methods on': (instance) =>
    new Proxy(instance, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function'
          ? (...args: unknown[]): unknown => Reflect.apply(member, target, args)
          : member;
      },
    }),
  'an object that inherits': (instance) => Object.create(instance) as typeof instance,
};

describe.each(Object.entries(around))('instances behind %s', (_, wrap) => {
  it('given one made by hand of what Nest made, when it is called, then the parameter is filled', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'value' }) })],
      providers: [Subject],
    }).compile();
    const wrapped = wrap(module.get(Subject));
    expect([wrapped.call(), wrapped.key]).toEqual(['value', 'value']);
    await module.close();
  });

  it('given Nest’s own `instrument`, when the instance is used, then it has its secrets, and hears of rotations', async () => {
    class AppModule {}
    const source = memorySource({ KEY: 'one' });
    const imports = [HcpVaultModule.forRoot({ source })];
    const app = await NestFactory.createApplicationContext(
      { module: AppModule, imports, providers: [Subject] },
      { logger: false, instrument: { instanceDecorator: (made) => (made instanceof Subject ? wrap(made) : made) } },
    );
    const subject = app.get(Subject);
    expect([subject.call(), subject.key]).toEqual(['one', 'one']);
    source.rotate('KEY', 'two');
    await app.get(HcpVaultClient).refresh();
    await new Promise(setImmediate);
    expect([subject.call(), subject.key, subject.told]).toEqual(['two', 'two', ['two']]);
    await app.close();
  });
});

describe('what an instance keeps', () => {
  it('given a frozen instance, when its method is called, then the parameter is filled', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'value' }) })],
      providers: [Frozen],
    }).compile();
    expect(module.get(Frozen).call()).toBe('value');
    await module.close();
  });

  it('given methods with secrets, when the instance is printed or copied, then nothing shows', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'canary' }) })],
      providers: [Subject],
    }).compile();
    const subject = module.get(Subject);
    expect(inspect(subject)).toBe('Subject { told: [] }');
    expect(JSON.stringify(subject)).toBe('{"told":[]}');
    expect({ ...subject }).toEqual({ told: [] });
    expect(inspect(subject, { showHidden: true, depth: 9 })).not.toContain('canary');
    await module.close();
  });

  it('given a unit test’s value for a method, when the instance is printed, then it does not show', async () => {
    const module = await Test.createTestingModule({
      providers: [Subject, { provide: getSecretToken('KEY'), useValue: 'canary' }],
    }).compile();
    const subject = module.get(Subject);
    expect(subject.call()).toBe('canary');
    Object.assign(subject, { key: 'assigned' });
    expect(inspect(subject, { showHidden: true, depth: 9 })).not.toContain('canary');
    await module.close();
  });
});

describe('async methods of older targets', () => {
  const source = `class Old {
    @WithSecrets() async noted(@InjectSecret('ABSENT') key?: string): Promise<string> { return key!; }
    @WithSecrets() plain(@InjectSecret('ABSENT') key?: string): string { return key!; }
  }
  made = Old;`;

  it.each([
    ['ES5', ts.ScriptTarget.ES5],
    ['ES2016', ts.ScriptTarget.ES2016],
    ['ES2022', ts.ScriptTarget.ES2022],
  ])('given TypeScript’s output for %s, when the secret is missing, then async methods reject', async (_, target) => {
    const options = {
      target,
      module: ts.ModuleKind.CommonJS,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    const { outputText } = ts.transpileModule(source, { compilerOptions: options });
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what the compiler has made
    const make = new Function('WithSecrets', 'InjectSecret', `let made; ${outputText}; return made;`);
    const Old = make(WithSecrets, InjectSecret) as new () => { noted(): Promise<string>; plain(): string };
    Injectable()(Old);
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({}) })],
      providers: [Old],
    }).compile();
    const old = module.get(Old);
    const rejected = old.noted();
    await expect(rejected).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(() => old.plain()).toThrow(expect.objectContaining({ code: 'SECRET_NOT_FOUND' }));
    await module.close();
  });
});
