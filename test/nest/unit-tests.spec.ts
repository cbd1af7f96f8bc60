import { Injectable, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { inspect } from 'node:util';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  memorySource,
  OnSecretRotated,
  WithSecrets,
  type SecretRotatedEvent,
} from 'nestjs-hcp-vault';

@Injectable()
class Subject {
  @InjectSecret('KEY') readonly property!: string;
  @InjectSecret('KEY', { default: 'none' }) readonly orNone!: string;
  @InjectSecret('KEY', { optional: true }) readonly maybe: string | undefined;
  @InjectSecretField('DB', 'user') readonly user!: string;
  readonly events: unknown[] = [];

  constructor(@InjectSecret('KEY') readonly parameter: string) {}

  @WithSecrets() call(amount: number, @InjectSecret('KEY') key?: string): unknown[] {
    return [amount, key];
  }

  @WithSecrets() callMaybe(@InjectSecret('KEY', { default: 'none' }) key?: string): unknown {
    return key;
  }

  @WithSecrets() callOther(@InjectSecret('OTHER') key?: string): unknown {
    return key;
  }

  @OnSecretRotated('KEY') rotated(event: SecretRotatedEvent<string>): void {
    this.events.push(event);
  }
}

/** As @golevelup/ts-jest's `createMock`: every property is there, and is another mock. */
function deepMock(): unknown {
  return new Proxy(() => undefined, {
    get: (_target, key) => (key === 'then' ? undefined : deepMock()),
    apply: () => deepMock(),
    has: () => true,
  });
}

/** As jest-mock's ModuleMocker makes of a class or a token. */
class AutoMock {
  live = (): undefined => undefined;
  argument = (): undefined => undefined;
  tell = (): undefined => undefined;
}

const mockers: [string, () => unknown][] = [
  ['text', () => 'mock'],
  ['an empty object', () => ({})],
  ['a function', () => () => 'mock'],
  ['an object with the hub’s methods', () => new AutoMock()],
  ['a Proxy that answers everything', deepMock],
];

describe('unit tests that do not know the module', () => {
  it.each(mockers)('given a mocker that answers with %s, when it is compiled, then it works', async (_, mocker) => {
    const module = await Test.createTestingModule({ providers: [Subject] })
      .useMocker(mocker)
      .compile();
    const subject = module.get(Subject);
    expect(subject.events).toEqual([]);
    expect(inspect(subject)).not.toContain('nestjs-hcp-vault');
    await module.close();
  });

  it('given the tokens of values alone, when it is compiled, then each place has its value', async () => {
    const module = await Test.createTestingModule({
      providers: [
        Subject,
        { provide: getSecretToken('KEY'), useValue: 'of the test' },
        { provide: getSecretToken('DB', { field: 'user' }), useValue: 'u' },
      ],
    }).compile();
    const subject = module.get(Subject);
    expect(subject.parameter).toBe('of the test');
    expect(subject.property).toBe('of the test');
    expect(subject.user).toBe('u');
    expect(subject.orNone).toBe('of the test');
    expect(subject.maybe).toBe('of the test');
    expect(subject.call(1)).toEqual([1, 'of the test']);
    expect(subject.callMaybe()).toBe('of the test');
    expect(() => subject.callOther()).toThrow(
      expect.objectContaining({
        code: 'SECRET_CONFIGURATION',
        message: expect.stringMatching(/Subject\.callOther.*getSecretToken\("OTHER"\)/),
      }),
    );
    expect(subject.events).toEqual([]);
    await module.close();
  });

  it('given the token of the optional secret, when it is compiled, then it wins over the plain one', async () => {
    const module = await Test.createTestingModule({
      providers: [
        Subject,
        { provide: getSecretToken('KEY'), useValue: 'plain' },
        { provide: getSecretToken('KEY', { optional: true }), useValue: 'optional' },
        { provide: getSecretToken('DB', { field: 'user' }), useValue: 'u' },
      ],
    }).compile();
    const subject = module.get(Subject);
    expect([subject.property, subject.orNone, subject.maybe, subject.callMaybe()]).toEqual([
      'plain',
      'optional',
      'optional',
      'optional',
    ]);
    await module.close();
  });

  it('given a constructor parameter with a default, when its token is asked for, then a test can provide it', async () => {
    @Injectable()
    class WithDefault {
      constructor(@InjectSecret('KEY', { default: 'none' }) readonly key: string) {}
    }
    const token = getSecretToken('KEY', { default: 'none' });
    const module = await Test.createTestingModule({
      providers: [WithDefault, { provide: token, useValue: 'of the test' }],
    }).compile();
    expect(module.get(WithDefault).key).toBe('of the test');
    expect(getSecretToken('KEY', { default: undefined })).toBe(getSecretToken('KEY'));
    await module.close();
  });

  it.each([Scope.DEFAULT, Scope.REQUEST])(
    'given the module, and tokens that the test provides beside it (scope %s), when secrets rotate, then what the test gave stays',
    async (scope) => {
      @Injectable({ scope })
      class Beside {
        @InjectSecret('KEY') readonly required: string = 'initial';
        @InjectSecret('GONE', { optional: true }) readonly optional: string | undefined = 'initial';
        @InjectSecret('GONE', { optional: true, version: 'x' }) readonly initial: string | undefined = 'initial';
        @InjectSecret('GONE', { default: 'none' }) readonly orNone: string = 'initial';
        @InjectSecret('OTHER', { default: 'none' }) readonly given: string = 'initial';
        @InjectSecret('LIVE') readonly live: string = 'initial';
      }
      const source = memorySource({ KEY: 'of the source', LIVE: 'live-1' });
      const module = await Test.createTestingModule({
        imports: [HcpVaultModule.forRoot({ source })],
        providers: [
          Beside,
          { provide: getSecretToken('KEY'), useValue: 'of the test' },
          { provide: getSecretToken('GONE', { optional: true }), useValue: 'of the test' },
          { provide: getSecretToken('OTHER', { optional: true }), useValue: 'given' },
        ],
      }).compile();
      await module.init();
      // The second instance of a request-scoped class is made another way by Nest.
      for (const round of [1, 2]) {
        const made = scope === Scope.REQUEST ? await module.resolve(Beside) : module.get(Beside);
        expect([made.required, made.optional, made.initial, made.given, made.live]).toEqual([
          'of the test',
          'of the test',
          'initial',
          'given',
          `live-${round}`,
        ]);
        source.rotate('LIVE', `live-${round + 1}`);
        source.rotate('KEY', `rotated-${round}`);
        await module.get(HcpVaultClient).refresh();
        expect([made.required, made.live]).toEqual(['of the test', `live-${round + 1}`]);
      }
      await module.close();
    },
  );

  it('given tokens that a test overrides with undefined, when the property is read, then it is undefined, or its default', async () => {
    class Plain {
      declare readonly key: string;
      declare readonly maybe: string | undefined;
      declare readonly orNone: string;
    }
    Injectable()(Plain);
    InjectSecret('KEY')(Plain.prototype, 'key');
    InjectSecret('KEY', { optional: true })(Plain.prototype, 'maybe');
    InjectSecret('KEY', { default: 'none' })(Plain.prototype, 'orNone');
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'of the source' }) })],
      providers: [Plain],
    })
      .overrideProvider(getSecretToken('KEY'))
      .useValue(undefined)
      .overrideProvider(getSecretToken('KEY', { optional: true }))
      .useValue(undefined)
      .compile();
    const made = module.get(Plain);
    expect([made.key, made.maybe, made.orNone]).toEqual([undefined, undefined, 'none']);
    await module.close();
  });
});
