import { Inject, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  HcpVaultModule,
  InjectHcpVaultClient,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  WithSecrets,
} from 'nestjs-hcp-vault';

type Decorator = (...args: unknown[]) => unknown;

const decorators = {
  '@InjectSecret("KEY")': InjectSecret('KEY'),
  '@InjectSecretField("KEY")': InjectSecretField('KEY', 'a'),
  '@InjectSecretRef("KEY")': InjectSecretRef('KEY'),
  '@InjectHcpVaultClient()': InjectHcpVaultClient(),
  '@OnSecretRotated("KEY")': OnSecretRotated('KEY'),
  '@WithSecrets()': WithSecrets(),
} as unknown as Record<string, Decorator>;

class Subject {
  method(): void {}
  get read(): string {
    return '';
  }
  set write(_: string) {}
  static create(): void {}
}

const onPrototype = (name: string) => Object.getOwnPropertyDescriptor(Subject.prototype, name);
const babelField = { configurable: true, enumerable: true, writable: true, initializer: null };

/** What compilers call a decorator with, and how the place is named. */
const places: Record<string, unknown[]> = {
  'the class Subject': [Subject],
  'a parameter of the constructor of Subject': [Subject, undefined, 0],
  'the property Subject.field': [Subject.prototype, 'field', undefined],
  'the property Subject.babel': [Subject.prototype, 'babel', babelField],
  'the method Subject.method': [Subject.prototype, 'method', onPrototype('method')],
  'a parameter of the method Subject.method': [Subject.prototype, 'method', 0],
  'the getter Subject.read': [Subject.prototype, 'read', onPrototype('read')],
  'the setter Subject.write': [Subject.prototype, 'write', onPrototype('write')],
  'the static property Subject.shared': [Subject, 'shared', undefined],
  'the static method Subject.create': [Subject, 'create', Object.getOwnPropertyDescriptor(Subject, 'create')],
  'a parameter of the static method Subject.create': [Subject, 'create', 0],
};

const VALUES = [
  'a parameter of the constructor of Subject',
  'the property Subject.field',
  'the property Subject.babel',
  'a parameter of the method Subject.method',
];
const FITTING: Record<string, string[]> = {
  '@InjectSecret("KEY")': VALUES,
  '@InjectSecretField("KEY")': VALUES,
  '@InjectSecretRef("KEY")': VALUES.slice(0, 3),
  '@InjectHcpVaultClient()': VALUES.slice(0, 3),
  '@OnSecretRotated("KEY")': ['the method Subject.method'],
  '@WithSecrets()': [],
};

const mistakes = Object.keys(decorators).flatMap((decorator) =>
  Object.keys(places)
    .filter((place) => !FITTING[decorator]!.includes(place))
    .map((place) => [decorator, place] as const),
);

describe('where decorators stand', () => {
  it.each(mistakes)('given %s on %s, when the class is read, then the error names both', (decorator, place) => {
    expect(() => decorators[decorator]!(...places[place]!)).toThrow(
      expect.objectContaining({
        code: 'SECRET_CONFIGURATION',
        message: expect.stringContaining(`${decorator} stands on ${place}`),
      }),
    );
  });

  it.each(Object.keys(decorators))(
    'given %s called as a standard decorator, when the class is read, then the error names the setting',
    (decorator) => {
      for (const kind of ['field', 'method', 'getter', 'class', 'accessor']) {
        const context = { kind, name: 'key', static: false, private: false, addInitializer: () => undefined };
        const value = kind === 'field' ? undefined : kind === 'class' ? Subject : () => undefined;
        expect(() => decorators[decorator]!(value, context)).toThrow(
          expect.objectContaining({
            code: 'SECRET_CONFIGURATION',
            message: expect.stringContaining('experimentalDecorators'),
          }),
        );
      }
    },
  );

  // As @babel/plugin-proposal-decorators emits with `version: 'legacy'`, tried with the real one, which is not a dependency of these tests: it brings fifty packages.
  it('given classes as Babel compiles them, when Nest makes them, then fields, parameters and methods have their secrets', async () => {
    const field = (initializer: (() => unknown) | null) => ({ ...babelField, initializer });
    const describe_ = (target: object, key: string, decorator: Decorator, descriptor: PropertyDescriptor) =>
      (decorator(target, key, { ...descriptor }) ?? descriptor) as ReturnType<typeof field>;
    const define = (instance: object, key: string, { initializer, ...descriptor }: ReturnType<typeof field>) =>
      Object.defineProperty(instance, key, { ...descriptor, value: initializer?.call(instance) });

    const fields: Record<string, ReturnType<typeof field>> = {};
    class Babel {
      declare readonly plain: string;
      declare readonly initial: string;
      declare readonly optional: string;
      declare readonly orNone: string;
      declare readonly ref: { readonly value: string };
      readonly told: string[] = [];
      constructor(readonly parameter: string) {
        for (const [key, descriptor] of Object.entries(fields)) define(this, key, descriptor);
      }
      call(_key?: string): unknown {
        return _key;
      }
    }
    const at = Babel.prototype;
    fields['plain'] = describe_(at, 'plain', decorators['@InjectSecret("KEY")']!, field(null));
    fields['initial'] = describe_(
      at,
      'initial',
      InjectSecret('KEY') as Decorator,
      field(() => 'first'),
    );
    fields['optional'] = describe_(
      at,
      'optional',
      InjectSecret('GONE', { optional: true }) as Decorator,
      field(() => 'first'),
    );
    fields['orNone'] = describe_(at, 'orNone', InjectSecret('GONE', { default: 'none' }) as Decorator, field(null));
    fields['ref'] = describe_(at, 'ref', decorators['@InjectSecretRef("KEY")']!, field(null));
    // babel-plugin-parameter-decorator makes decorators of the method, and of the class, that call ours with an index.
    InjectSecret('KEY')(at, 'call', 0);
    const method = Object.getOwnPropertyDescriptor(at, 'call')!;
    Object.defineProperty(at, 'call', (WithSecrets() as Decorator)(at, 'call', method) as PropertyDescriptor);
    Injectable()(Babel);
    InjectSecret('KEY')(Babel, undefined, 0);

    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'value' }) })],
      providers: [Babel],
    }).compile();
    const made = module.get(Babel);
    expect([made.plain, made.initial, made.optional, made.orNone, made.ref.value, made.parameter, made.call()]).toEqual(
      ['value', 'value', 'first', 'none', 'value', 'value', 'value'],
    );
    await module.close();
  });

  it('given a plain @Inject in the place of a secret, when the app starts, then it is left to Nest', async () => {
    @Injectable()
    class Plain {
      @Inject('OTHER') readonly key!: string;
    }
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({}) })],
      providers: [Plain, { provide: 'OTHER', useValue: 1 }],
    }).compile();
    expect(module.get(Plain).key).toBe(1);
    await module.close();
  });
});
