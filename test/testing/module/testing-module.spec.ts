import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import {
  getClientToken,
  getSecretSourceToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
  type Rotating,
  type SecretRef,
  type SecretRotatedEvent,
} from 'nestjs-hcp-vault';
import { HcpVaultTestClient, HcpVaultTestingModule } from 'nestjs-hcp-vault/testing';
import { CapturedLogger } from '../../support/captured-logger.js';

@Injectable()
class Service {
  @InjectSecret('KEY') readonly live!: string;
  handled: string[] = [];

  constructor(
    @InjectSecret('KEY') readonly snapshot: string,
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
  ) {}

  @OnSecretRotated('KEY') async onRotation({ current }: SecretRotatedEvent<string>) {
    await Promise.resolve();
    this.handled.push(current);
  }
}

describe('HcpVaultTestingModule', () => {
  it('given what is not a value, when the module is made, then the error names forTest and the secret', () => {
    expect(() => HcpVaultTestingModule.forTest({ KEY: 'a', PORT: 5432 as never })).toThrow(
      'HcpVaultTestingModule.forTest: the value of "PORT" is a number. Give a string,',
    );
  });

  it('given values, when a test rotates one, then it is everywhere when the promise resolves, without timers', async () => {
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    const disposed: string[] = [];
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
        HcpVaultTestingModule.forTest({ KEY: 'v1' }, { config: { namespace: 'secrets' } }),
      ],
      providers: [
        Service,
        rotatingProvider({
          provide: 'POOL',
          secret: 'KEY',
          create: (key) => ({ key: key as string }),
          dispose: ({ key }) => disposed.push(key),
        }),
      ],
    }).compile();
    await module.init();
    const lasting = setTimer.mock.results.filter(
      ({ value }) => (value as NodeJS.Timeout).hasRef?.() && !(value as { _destroyed?: boolean })._destroyed,
    );
    const service = module.get(Service);
    const client = module.get(HcpVaultTestClient);
    expect(module.get(HcpVaultClient)).toBe(client);
    expect(module.get(getClientToken())).toBe(client);
    await client.rotate('KEY', 'v2');
    expect([service.snapshot, service.live, service.ref.value, module.get(ConfigService).get('secrets.KEY')]).toEqual([
      'v1',
      'v2',
      'v2',
      'v2',
    ]);
    expect(service.handled).toEqual(['v2']);
    expect(module.get<Rotating<{ key: string }>>('POOL').current.key).toBe('v2');
    expect(disposed).toEqual(['v1']);
    expect(lasting).toEqual([]);
    await module.close();
    expect(disposed).toEqual(['v1', 'v2']);
    setTimer.mockRestore();
  });

  it('given a secret that a class requires, when it is left out, then the test fails as the app would', async () => {
    const start = Test.createTestingModule({
      imports: [HcpVaultTestingModule.forTest({})],
      providers: [Service],
    }).compile();
    await expect(start).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
  });

  it('given a schema, when a rotation is refused, then rotate rejects and the last good value stays', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultTestingModule.forTest({ KEY: '1' }, { schema: { KEY: z.string().regex(/^\d+$/) } })],
      providers: [Service],
    }).compile();
    const client = module.get(HcpVaultTestClient);
    await expect(client.rotate('KEY', 'no digits')).rejects.toMatchObject({
      code: 'SECRET_VALIDATION',
      issues: [{ vendor: 'zod' }],
    });
    expect(module.get(Service).live).toBe('1');
    await module.close();
  });

  it('given an app whose root module is fixed, when its source is overridden, then a test rotates there and refreshes', async () => {
    const source = memorySource({ KEY: 'v1' });
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRootAsync({ useFactory: () => ({}) })],
      providers: [Service],
    })
      .overrideProvider(getSecretSourceToken())
      .useValue(source)
      .compile();
    source.rotate('KEY', 'v2');
    await module.get(HcpVaultClient).refresh();
    expect(module.get(Service).live).toBe('v2');
    await module.close();
  });

  it.each([
    ['production', 1],
    ['test', 0],
    [undefined, 0],
  ])(
    'given NODE_ENV %s, when an app starts with it, then %i lines warn, without a value',
    async (environment, count) => {
      const before = process.env.NODE_ENV;
      const logger = new CapturedLogger();
      const start = Test.createTestingModule({ imports: [HcpVaultTestingModule.forTest({ KEY: 'canary-1' })] });
      try {
        if (environment === undefined) delete process.env.NODE_ENV;
        else process.env.NODE_ENV = environment;
        const module = await start.setLogger(logger).compile();
        await module.init();
        await module.close();
      } finally {
        process.env.NODE_ENV = before;
      }
      expect(logger.lines.filter((line) => line.includes('NODE_ENV is "production"'))).toHaveLength(count);
      expect(logger.text).not.toContain('canary');
    },
  );
});
