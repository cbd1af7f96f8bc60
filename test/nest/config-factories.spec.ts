import { Inject, Injectable, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  configSecret,
  getClientToken,
  HcpVaultClient,
  HcpVaultModule,
  memorySource,
  registerSecrets,
} from 'nestjs-hcp-vault';
import type { SecretsView } from 'nestjs-hcp-vault';

const secretsConfig = registerSecrets('secrets');

/** As JwtModule or TypeOrmModule: another dynamic module whose options come from a factory. */
@Module({})
class OtherModule {
  static registerAsync(options: {
    imports?: DynamicModule['imports'];
    inject: unknown[];
    useFactory: (...injected: never[]) => unknown;
  }): DynamicModule {
    const provider = { provide: 'OTHER_OPTIONS', inject: options.inject as [], useFactory: options.useFactory };
    return { module: OtherModule, imports: options.imports ?? [], providers: [provider], exports: ['OTHER_OPTIONS'] };
  }
}

type Order = readonly ('config' | 'vault' | 'other')[];
const ORDERS: Order[] = [
  ['config', 'vault', 'other'],
  ['config', 'other', 'vault'],
  ['vault', 'config', 'other'],
  ['vault', 'other', 'config'],
  ['other', 'config', 'vault'],
  ['other', 'vault', 'config'],
];
const isGlobals = [true, false];
const CASES = ORDERS.flatMap((order) => isGlobals.map((isGlobal) => [order.join(', '), isGlobal, order] as const));

interface Way {
  readonly order: Order;
  /** Of ConfigModule; where it is not, the other module imports it. */
  readonly isGlobal: boolean;
  readonly inject: unknown[];
  readonly useFactory: (...injected: never[]) => unknown;
  readonly hasCredentialsInConfig?: boolean;
  readonly connection?: string;
}

async function optionsOf({ order, isGlobal, inject, useFactory, hasCredentialsInConfig, connection }: Way) {
  const loaded = registerSecrets('secrets', connection === undefined ? {} : { connection });
  const config = ConfigModule.forRoot({ isGlobal, ignoreEnvFile: true, load: [loaded] });
  // As a real source: it answers in a later turn.
  const source = memorySource({ KEY: 'key-1' });
  const { readAll } = source;
  source.readAll = async (context) => {
    await new Promise((resolve) => setImmediate(resolve));
    return readAll.call(source, context);
  };
  const modules = {
    config,
    vault: hasCredentialsInConfig
      ? HcpVaultModule.forRootAsync({
          connection,
          imports: isGlobal ? [] : [config],
          inject: [ConfigService],
          useFactory: (found: ConfigService) => (found instanceof ConfigService ? { source } : {}),
        })
      : HcpVaultModule.forRoot({ connection, source }),
    other: OtherModule.registerAsync({ imports: isGlobal ? [] : [config], inject, useFactory }),
  };
  const module = await Test.createTestingModule({ imports: order.map((name) => modules[name]) }).compile();
  await module.init();
  try {
    return module.get<unknown>('OTHER_OPTIONS', { strict: false });
  } finally {
    await module.close();
  }
}

describe.each([false, true])(
  'secrets in factories of other modules (credentials in ConfigService: %s)',
  (hasCredentialsInConfig) => {
    it.each(CASES)(
      'given the order %s, ConfigModule global: %s, when KEY is injected, then Nest waits',
      async (...way) => {
        const [, isGlobal, order] = way;
        const useFactory = (view: SecretsView): unknown => view['KEY'];
        const inject = [secretsConfig.KEY];
        expect(await optionsOf({ order, isGlobal, inject, useFactory, hasCredentialsInConfig })).toBe('key-1');
      },
    );

    it.each(CASES)(
      'given the order %s, global: %s, when KEY stands beside ConfigService, then that has it',
      async (...way) => {
        const [, isGlobal, order] = way;
        const useFactory = (config: ConfigService): unknown => config.get('secrets.KEY');
        const inject = [ConfigService, secretsConfig.KEY];
        expect(await optionsOf({ order, isGlobal, inject, useFactory, hasCredentialsInConfig })).toBe('key-1');
      },
    );

    it.each(CASES)(
      'given the order %s, global: %s, when the line of the error is added, then it works',
      async (...way) => {
        const [, isGlobal, order] = way;
        const useFactory = (config: ConfigService): unknown => config.get('secrets.KEY');
        const before = optionsOf({ order, isGlobal, inject: [ConfigService], useFactory, hasCredentialsInConfig });
        await expect(before).rejects.toMatchObject({
          code: 'SECRET_NOT_LOADED',
          message: expect.stringContaining('`inject: [ConfigService, HcpVaultClient]`'),
        });
        const inject = [ConfigService, HcpVaultClient];
        expect(await optionsOf({ order, isGlobal, inject, useFactory, hasCredentialsInConfig })).toBe('key-1');
      },
    );

    it.each(CASES)(
      'given the order %s, global: %s, when the connection has a name, then it is the same',
      async (...way) => {
        const [, isGlobal, order] = way;
        const useFactory = (config: ConfigService): unknown => config.get('secrets.KEY');
        const given = { order, isGlobal, useFactory, hasCredentialsInConfig, connection: 'reports' };
        await expect(optionsOf({ ...given, inject: [ConfigService] })).rejects.toThrow(
          '`inject: [ConfigService, getClientToken("reports")]`',
        );
        expect(await optionsOf({ ...given, inject: [ConfigService, getClientToken('reports')] })).toBe('key-1');
        const ofReports = registerSecrets('secrets', { connection: 'reports' });
        expect(await optionsOf({ ...given, inject: [ConfigService, ofReports.KEY] })).toBe('key-1');
      },
    );
  },
);

describe('the key of registerSecrets', () => {
  it('given a view that nothing loads into ConfigService, when its key is injected, then all is read, as it shows all', async () => {
    @Injectable()
    class Reader {
      constructor(@Inject(secretsConfig.KEY) readonly view: SecretsView) {}
    }
    const imports = [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'key-1' }) })];
    const module = await Test.createTestingModule({ imports, providers: [Reader] }).compile();
    expect(module.get(Reader).view['KEY']).toBe('key-1');
    await module.close();
  });

  it('given a registerSecrets of another app of the process, when this one starts, then it does not read all', async () => {
    const source = memorySource({ KEY: 'key-1' });
    let readsOfAll = 0;
    const { readAll } = source;
    source.readAll = (context) => {
      readsOfAll += 1;
      return readAll.call(source, context);
    };
    const module = await Test.createTestingModule({ imports: [HcpVaultModule.forRoot({ source })] }).compile();
    await module.init();
    expect(readsOfAll).toBe(0);
    await module.close();
  });

  it('given settings of the same namespace in an app without it, when they are injected, then they are theirs', async () => {
    const settings = Object.assign(() => ({ KEY: 'a setting' }), {
      KEY: 'CONFIGURATION(secrets)',
      PARTIAL_CONFIGURATION_KEY: 'secrets',
    });
    const config = ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [settings] });
    const vault = HcpVaultModule.forRoot({ source: memorySource({ KEY: 'key-1' }) });
    for (const imports of [
      [config, vault],
      [vault, config],
    ]) {
      const reader = {
        provide: 'READ',
        inject: [settings.KEY],
        useFactory: (found: { KEY: string }): string => found.KEY,
      };
      const module = await Test.createTestingModule({ imports, providers: [reader] }).compile();
      await module.init();
      expect([module.get('READ'), module.get(ConfigService).get('secrets.KEY')]).toEqual(['a setting', 'a setting']);
      await module.close();
    }
  });

  it('given registerSecrets in a module that is loaded lazily, when its key is injected, then it shows the secrets', async () => {
    const imports = [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'key-1' }), preload: 'all' })];
    const module = await Test.createTestingModule({ imports }).compile();
    await module.init();
    const later = registerSecrets('later');
    @Injectable()
    class Later {
      constructor(@Inject(later.KEY) readonly view: SecretsView) {}
    }
    @Module({ providers: [Later] })
    class LaterModule {}
    const loaded = await module.get(LazyModuleLoader).load(() => LaterModule);
    expect(loaded.get(Later).view['KEY']).toBe('key-1');
    await module.close();
  });

  it('given what registerSecrets gave, when a secret is read by it, then the namespace is known', async () => {
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
        HcpVaultModule.forRoot({ source: memorySource({ DB: { user: 'u-1' } }) }),
      ],
    }).compile();
    expect(configSecret(module.get(ConfigService), secretsConfig, 'DB', 'user')).toBe('u-1');
    await module.close();
  });

  it('given a whole namespace that is set while the app is made, when there is only registerSecrets, then that is refused', async () => {
    const tried: unknown[] = [];
    const early = {
      provide: 'EARLY',
      inject: [ConfigService, HcpVaultClient],
      useFactory: (config: ConfigService): void => {
        try {
          config.set('secrets', { KEY: 'mine' });
        } catch (error) {
          tried.push(error);
        }
        tried.push(config.get('secrets.KEY'));
      },
    };
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
        HcpVaultModule.forRoot({ source: memorySource({ KEY: 'key-1' }) }),
      ],
      providers: [early],
    }).compile();
    expect(tried).toEqual([expect.objectContaining({ code: 'SECRET_CONFIGURATION' }), 'key-1']);
    expect(process.env['secrets']).toBeUndefined();
    await module.close();
  });
});
