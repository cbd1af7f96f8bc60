import assert from 'node:assert/strict';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { HcpVaultModule, memorySource, registerSecrets } from 'nestjs-hcp-vault';
import type { SecretsView } from 'nestjs-hcp-vault';
import { Test } from '@nestjs/testing';
import { failure, silent } from './apps.js';
import { row } from './row.js';

const secretsConfig = registerSecrets('views');

/** Any module with `registerAsync`, as JwtModule and many others. */
@Module({})
class Thirdparty {
  static registerAsync(options: { inject: never[]; useFactory: (...given: never[]) => unknown }): DynamicModule {
    const provider = { provide: 'OPTIONS', ...options };
    return { module: Thirdparty, providers: [provider], exports: ['OPTIONS'] };
  }
}

const config = () => ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] });
const vault = (config?: { namespace: string }) =>
  HcpVaultModule.forRoot({ source: memorySource({ KEY: 'key-1' }), ...(config && { config }) });
const start = async (imports: DynamicModule[] | Promise<DynamicModule>[]) =>
  (await Test.createTestingModule({ imports }).setLogger(silent).compile()).init();

const byView = () =>
  Thirdparty.registerAsync({ inject: [secretsConfig.KEY] as never[], useFactory: (view: SecretsView) => view['KEY'] });
const byService = () =>
  Thirdparty.registerAsync({
    inject: [ConfigService] as never[],
    useFactory: (service: ConfigService) => service.get<string>('views.KEY'),
  });

type Part = () => DynamicModule | Promise<DynamicModule>;
const ORDERS: [string, (part: Part) => Part[]][] = [
  ['first', (part) => [part, config, vault]],
  ['between', (part) => [config, part, vault]],
  ['last', (part) => [vault, config, part]],
];

export const rows = [
  ...ORDERS.map(([place, order]) =>
    row(
      `given a module that is imported ${place}, when its options inject the key of registerSecrets, then they have the secrets`,
      async () => {
        const app = await start(order(byView).map((part) => part()) as DynamicModule[]);
        assert.equal(app.get('OPTIONS'), 'key-1');
        await app.close();
      },
    ),
  ),
  row(
    'given options that inject ConfigService and read a secret before it is loaded, when the app starts, then the error says what to add',
    async () => {
      const error = await failure(start([byService(), config(), vault()] as DynamicModule[]));
      assert.match(String(error), /inject/i);
      assert.match(String(error), /KEY/);
    },
  ),
];
