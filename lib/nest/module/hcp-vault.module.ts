import type { DynamicModule, Provider } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { refuseOtherVersions } from '../../core/copies.js';
import { checkNamespace } from '../config/register-secrets.js';
import { OfferedTokens } from '../injection/offered-tokens.js';
import { registry } from '../injection/registry.js';
import { ModuleArrays } from '../injection/module-arrays.js';
import { checkConnection, DEFAULT_CONNECTION, internalToken } from '../injection/tokens.js';
import { checkAsyncOptions, checkRootOptions } from './check-options.js';
import { connectionExports, connectionProviders } from './connection.providers.js';
import type {
  HcpVaultModuleAsyncOptions,
  HcpVaultModuleOptions,
  HcpVaultModuleStatic,
  HcpVaultOptionsFactory,
} from './module-options.js';
import type { OptionsArrival } from './options-arrival.js';
import { OptionsOutcome } from './options-outcome.js';

/** Gives a Nest app its secrets by injection, and keeps them current. Import it once for each connection. */
@Module({})
export class HcpVaultModule {
  /** With options that are known at once, as from `process.env`. */
  static forRoot(options: HcpVaultModuleOptions & HcpVaultModuleStatic = {}): DynamicModule {
    const { connection, isGlobal, config, ...rest } = checkRootOptions(options);
    const outcome = OptionsOutcome.of(rest);
    return define({ connection, isGlobal, config, areGiven: true }, undefined, (provide) => [
      {
        provide,
        inject: [internalToken('Arrival', connection ?? DEFAULT_CONNECTION)],
        useFactory: (arrival: OptionsArrival) => arrival.arrive(outcome),
      },
    ]);
  }

  /** With options from a factory, which may inject ConfigService or anything else. */
  static forRootAsync(given: HcpVaultModuleAsyncOptions): DynamicModule {
    const options = checkAsyncOptions(given);
    return define(options, options.imports, (provide) => optionsProviders(provide, options));
  }
}

function optionsProviders(provide: string, options: HcpVaultModuleAsyncOptions): Provider[] {
  const { connection = DEFAULT_CONNECTION, useFactory, useClass, useExisting } = options;
  const arrival = internalToken('Arrival', connection);
  if (useFactory) {
    const make = useFactory as (...dependencies: unknown[]) => HcpVaultModuleOptions | Promise<HcpVaultModuleOptions>;
    const provider: Provider = {
      provide,
      inject: [arrival, ...(options.inject ?? [])],
      useFactory: async (arriving: OptionsArrival, ...dependencies: unknown[]) =>
        arriving.arrive(await OptionsOutcome.made(connection, () => make(...dependencies))),
    };
    return [provider];
  }
  const token = useClass ?? useExisting;
  const provider: Provider = {
    provide,
    inject: [arrival, token],
    useFactory: async (arriving: OptionsArrival, factory: HcpVaultOptionsFactory) =>
      arriving.arrive(await OptionsOutcome.made(connection, () => factory.createHcpVaultOptions())),
  };
  return useClass ? [{ provide: useClass, useClass }, provider] : [provider];
}

let definitions = 0;

function define(
  {
    connection = DEFAULT_CONNECTION,
    isGlobal = true,
    config,
    areGiven = false,
  }: HcpVaultModuleStatic & { readonly areGiven?: boolean },
  imports: HcpVaultModuleAsyncOptions['imports'],
  options: (token: string) => Provider[],
): DynamicModule {
  refuseOtherVersions();
  checkConnection(connection);
  if (config !== undefined) checkNamespace(config.namespace);
  const namespace = config?.namespace;
  const providers: Provider[] = [
    ...options(internalToken('Options', connection)),
    ...connectionProviders(connection, namespace, areGiven),
  ];
  const exports = connectionExports(connection, namespace);
  const arrays = new ModuleArrays(connection, providers, exports);
  const id = `HcpVaultModule:${connection}:${(definitions += 1)}`;
  for (const list of [providers, exports]) {
    // Nest’s deep-hash module ids look into these growing arrays: an id stands for them. The registry holds `arrays` weakly; this keeps it.
    Object.defineProperty(list, 'toJSON', { value: () => id });
    Object.defineProperty(list, 'host', { value: arrays });
  }
  registry.addHost(arrays);
  Object.defineProperty(providers, 'offered', { value: OfferedTokens.intoArrays(connection, providers, exports) });
  return {
    module: HcpVaultModule,
    global: isGlobal,
    imports: imports ?? [],
    providers,
    exports: exports as NonNullable<DynamicModule['exports']>,
  };
}
