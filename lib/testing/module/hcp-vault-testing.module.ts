import type { DynamicModule, Provider } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { HcpVaultClient } from '../../core/client/hcp-vault-client.js';
import type { ClientOptions } from '../../core/client/client-options.js';
import { CLIENT_OPTIONS } from '../../core/client/client-options.js';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownEntries } from '../../core/options/own-entries.js';
import { ownOptions } from '../../core/options/own-options.js';
import { copyIn, type SecretValue, whoseValue } from '../../core/secret/secret-value.js';
import { DEFAULT_CONNECTION, getClientToken, internalToken } from '../../nest/injection/tokens.js';
import { HcpVaultModule } from '../../nest/module/hcp-vault.module.js';
import type { HcpVaultModuleStatic } from '../../nest/module/module-options.js';
import { STATIC_OPTIONS } from '../../nest/module/module-options.js';
import { memorySource } from '../../sources/memory/index.js';
import { HcpVaultTestClient } from './hcp-vault-test.client.js';

export interface TestOptions extends Pick<HcpVaultModuleStatic, 'connection' | 'config'> {
  readonly schema?: ClientOptions['schema'];
  readonly overlap?: ClientOptions['overlap'];
}

const { connection, config } = STATIC_OPTIONS;
const { schema, overlap } = CLIENT_OPTIONS;
export const TEST_OPTIONS: OptionKinds<TestOptions> = { connection, config, schema, overlap };

const TAKER = 'HcpVaultTestingModule.forTest';

/** Stands in for HcpVaultModule in tests: secrets from memory, no network, no timers. */
export class HcpVaultTestingModule {
  /**
   * A module for the `imports` of a test, in place of `HcpVaultModule.forRoot`. Give it every secret that the classes under test require: bootstrap
   * checks them as in the app. Provides HcpVaultTestClient (also by HcpVaultClient and by `getClientToken(connection)`).
   * An app that starts with it under NODE_ENV=production warns: its secrets stand in its code.
   */
  static forTest(secrets: Readonly<Record<string, SecretValue | object>>, options?: TestOptions): DynamicModule {
    const given = ownOptions(options, TEST_OPTIONS, TAKER);
    const { connection = DEFAULT_CONNECTION, config, schema, overlap } = given;
    const values = ownEntries(secrets, `What ${TAKER} takes first`);
    const source = memorySource(
      Object.fromEntries(values.map(([name, value]) => [name, copyIn(value, whoseValue(TAKER, name))])),
    );
    const module = HcpVaultModule.forRoot({ source, connection, config, schema, overlap, refresh: { enabled: false } });
    const client = getClientToken(connection);
    // Of two providers with one token Nest takes the later one.
    const replaced: Provider[] = [
      {
        provide: client,
        inject: [internalToken('Runtime', connection)],
        useFactory: (runtime: SecretRuntime) => {
          warnInProduction(connection);
          return new HcpVaultTestClient(runtime, source);
        },
      },
      // Without a schedule nothing ages, and no timer is set.
      { provide: internalToken('RefreshSchedule', connection), useValue: { start: () => undefined } },
    ];
    module.providers!.push(...replaced);
    if (connection === DEFAULT_CONNECTION) {
      module.providers!.push(
        { provide: HcpVaultTestClient, useExisting: client },
        { provide: HcpVaultClient, useExisting: client },
      );
      module.exports!.push(HcpVaultTestClient); // in place: secrets that are recorded later are pushed into the same list
    }
    return module;
  }
}

/** When the app starts, by the logger that it has then. */
function warnInProduction(connection: string): void {
  if (process.env.NODE_ENV !== 'production') return;
  new Logger('HcpVaultTestingModule').warn(
    `NODE_ENV is "production", and the secrets of "${connection}" are those of a test: HcpVaultTestingModule.forTest stands where HcpVaultModule.forRoot belongs.`,
  );
}
