import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import type { ClientOptions } from '../../core/client/client-options.js';
import { CLIENT_OPTIONS } from '../../core/client/client-options.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { group, needed } from '../../core/options/option-kinds.js';
import type { SecretSource } from '../../core/source/secret-source.js';

/** Options of one connection; all have defaults. */
export interface HcpVaultModuleOptions extends ClientOptions {
  /** Where secrets come from. @default hcpVaultSecrets() where HCP_CLIENT_ID or HCP_CRED_FILE is set */
  readonly source?: SecretSource | undefined;
}

/** What must be known before anything is built, and so stands beside the factory and not in its result. */
export interface HcpVaultModuleStatic {
  /** Names this connection; one app may have several. @default 'default' */
  readonly connection?: string | undefined;
  /** @default true */
  readonly isGlobal?: boolean | undefined;
  /** Shows the secrets under this name in ConfigService. */
  readonly config?: { readonly namespace: string } | undefined;
}

export interface HcpVaultOptionsFactory {
  createHcpVaultOptions(): HcpVaultModuleOptions | Promise<HcpVaultModuleOptions>;
}

interface AsyncBase extends HcpVaultModuleStatic {
  readonly imports?: ModuleMetadata['imports'] | undefined;
}

interface WithFactory extends AsyncBase {
  readonly useFactory: FactoryProvider<HcpVaultModuleOptions>['useFactory'];
  readonly inject?: FactoryProvider['inject'] | undefined;
  readonly useClass?: never;
  readonly useExisting?: never;
}

interface WithClass extends AsyncBase {
  readonly useClass: Type<HcpVaultOptionsFactory>;
  readonly inject?: never;
  readonly useFactory?: never;
  readonly useExisting?: never;
}

interface WithExisting extends AsyncBase {
  readonly useExisting: Type<HcpVaultOptionsFactory> | string | symbol;
  readonly inject?: never;
  readonly useFactory?: never;
  readonly useClass?: never;
}

export type HcpVaultModuleAsyncOptions = WithFactory | WithClass | WithExisting;

export const STATIC_OPTIONS: OptionKinds<HcpVaultModuleStatic> = {
  connection: 'text',
  isGlobal: 'boolean',
  config: group<NonNullable<HcpVaultModuleStatic['config']>>({ namespace: needed('text') }),
};

export const MODULE_OPTIONS: OptionKinds<HcpVaultModuleOptions> = { source: 'any', ...CLIENT_OPTIONS };

export const ROOT_OPTIONS: OptionKinds<HcpVaultModuleOptions & HcpVaultModuleStatic> = {
  ...MODULE_OPTIONS,
  ...STATIC_OPTIONS,
};

export const ASYNC_OPTIONS: OptionKinds<HcpVaultModuleAsyncOptions> = {
  ...STATIC_OPTIONS,
  imports: 'any',
  inject: 'any',
  useFactory: 'function',
  useClass: 'any',
  useExisting: 'any',
};
