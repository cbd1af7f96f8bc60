import type { DynamicModule, FactoryProvider, NestModule, OnModuleDestroy, Provider } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { refuseOtherVersions } from '../../core/copies.js';
import type { StatusMount, StatusSurroundings } from './status-mount.js';
import type {
  HcpVaultStatusAsyncOptions,
  HcpVaultStatusCredentials,
  HcpVaultStatusOptions,
  StatusAccess,
  StatusSettings,
} from './status-options.js';
import { checkCredentials, checkStatusAsyncOptions, checkStatusOptions } from './status-options.js';

const SETTINGS = 'HcpVaultStatusSettings';
const ACCESS = 'HcpVaultStatusAccess';
const SURROUNDINGS = 'HcpVaultStatusSurroundings';

/**
 * A page, JSON and a stream that tell how the secrets of this app stand, and never a value. Off unless it is imported; who is let in must be said.
 * Guards, pipes, interceptors and filters that are global in the app do not see it.
 */
@Module({})
export class HcpVaultStatusModule implements NestModule, OnModuleDestroy {
  #mount: StatusMount | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: StatusSettings,
    @Inject(ACCESS) private readonly access: StatusAccess,
    @Inject(SURROUNDINGS) private readonly surroundings: StatusSurroundings,
  ) {
    for (const key of ['settings', 'access', 'surroundings']) Object.defineProperty(this, key, { enumerable: false });
  }

  /** Throws SecretConfigurationError without `guard`, `token` or `open: true`, whatever NODE_ENV says, and for options that can't be meant. */
  static register(options: HcpVaultStatusOptions): DynamicModule {
    const { settings, access, imports } = checkStatusOptions(options);
    return define(settings, { provide: ACCESS, useValue: access }, imports);
  }

  /** With a token from a factory, which may inject ConfigService, HcpVaultClient or anything else. */
  static registerAsync(given: HcpVaultStatusAsyncOptions): DynamicModule {
    const { settings, imports, inject = [], useFactory } = checkStatusAsyncOptions(given);
    const make = useFactory as (...dependencies: unknown[]) => HcpVaultStatusCredentials | Promise<HcpVaultStatusCredentials>; // prettier-ignore
    const access: FactoryProvider = {
      provide: ACCESS,
      inject,
      useFactory: async (...dependencies: unknown[]) => checkCredentials(await make(...dependencies)),
    };
    return define(settings, access, imports);
  }

  /** Nest calls it when the app has all that it injects, and before its routes. */
  async configure(): Promise<void> {
    // What is not registered costs no import.
    const { StatusMount: Mount } = await import('./status-mount.js');
    this.#mount = await Mount.open(this.settings, this.access, this.surroundings);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#mount?.close();
  }
}

function define(
  settings: StatusSettings,
  access: Provider,
  imports: HcpVaultStatusAsyncOptions['imports'] = [],
): DynamicModule {
  refuseOtherVersions();
  const surroundings: FactoryProvider<StatusSurroundings> = {
    provide: SURROUNDINGS,
    inject: [HttpAdapterHost, ApplicationConfig, ModuleRef, ModulesContainer],
    useFactory: (
      host: HttpAdapterHost,
      config: ApplicationConfig,
      modules: ModuleRef,
      container: ModulesContainer,
    ) => ({
      host,
      config,
      modules,
      container,
    }),
  };
  const given: Provider = { provide: SETTINGS, useValue: settings };
  return { module: HcpVaultStatusModule, imports, providers: [given, access, surroundings] };
}
