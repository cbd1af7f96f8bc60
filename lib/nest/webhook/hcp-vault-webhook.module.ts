import type { DynamicModule, MiddlewareConsumer, NestModule, Provider } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { WebhookVerifier } from '../../core/webhook/webhook-verifier.js';
import { refuseOtherVersions } from '../../core/copies.js';
import type {
  HcpVaultWebhookAsyncOptions,
  HcpVaultWebhookOptions,
  HcpVaultWebhookVerification,
  WebhookPlace,
} from './webhook-options.js';
import { checkAsyncOptions, checkFactoryResult, checkOptions } from './webhook-options.js';
import type { WebhookMount } from './webhook-mount.js';

const VERIFIER = 'HcpVaultWebhookVerifier';
const MOUNT = 'HcpVaultWebhookMount';

/**
 * An address that a backend calls when secrets change, so that they are read at once. Import it once for each sender, beside HcpVaultModule; the app is
 * created with `rawBody: true`. A call is let in only by its sender's signature or key: guards, pipes, interceptors and filters of the app do not see it.
 */
@Module({})
export class HcpVaultWebhookModule implements NestModule {
  constructor(@Inject(MOUNT) private readonly mount: WebhookMount) {}

  /** Throws SecretConfigurationError for options that can't be meant. */
  static register(options: HcpVaultWebhookOptions): DynamicModule {
    const { verifier, ...place } = checkOptions(options);
    return define(place, { provide: VERIFIER, useValue: verifier });
  }

  /** With a verifier from a factory, which may inject ConfigService, HcpVaultClient or anything else. */
  static registerAsync(given: HcpVaultWebhookAsyncOptions): DynamicModule {
    const { imports, inject = [], useFactory, ...place } = checkAsyncOptions(given);
    const make = useFactory as (...dependencies: unknown[]) => HcpVaultWebhookVerification | Promise<HcpVaultWebhookVerification>; // prettier-ignore
    const verifier: Provider = {
      provide: VERIFIER,
      inject,
      useFactory: async (...dependencies: unknown[]) => checkFactoryResult(await make(...dependencies)),
    };
    return define(place, verifier, imports);
  }

  async configure(consumer: MiddlewareConsumer): Promise<void> {
    await this.mount.configure(consumer);
  }
}

function define(
  place: WebhookPlace,
  verifier: Provider,
  imports: HcpVaultWebhookAsyncOptions['imports'] = [],
): DynamicModule {
  refuseOtherVersions();
  const mount: Provider = {
    provide: MOUNT,
    inject: [VERIFIER, HttpAdapterHost, ModuleRef, ModulesContainer],
    // Loaded when a webhook is there: most apps have none.
    useFactory: async (
      given: WebhookVerifier,
      host: HttpAdapterHost,
      modules: ModuleRef,
      container: ModulesContainer,
    ) => new (await import('./webhook-mount.js')).WebhookMount(place, given, host, modules, container),
  };
  return { module: HcpVaultWebhookModule, imports, providers: [verifier, mount] };
}
