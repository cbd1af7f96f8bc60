import type { Provider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { InjectedValues } from './injected-values.js';
import type { RequestHost, SecretDefault } from './registry.js';
import { registry } from './registry.js';
import { isOwnFactory, secretProviders } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';
import { internalToken } from './tokens.js';

type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/**
 * The `providers` and `exports` arrays of one module definition. Nest reads them after it has scanned all modules,
 * so what is recorded until then is simply pushed into them.
 */
export class ModuleArrays implements RequestHost {
  readonly #known = new Set<unknown>();

  constructor(
    readonly connection: string,
    readonly providers: Provider[],
    readonly exports: unknown[],
  ) {}

  add(request: SecretRequest, fallback?: SecretDefault): void {
    for (const provider of secretProviders(request, fallback)) {
      if (this.#known.has(provider.provide)) continue;
      this.#known.add(provider.provide);
      this.providers.push(provider);
      this.exports.push(provider.provide);
    }
  }
}

/** Adds to a running app what is recorded after Nest has read the arrays: by lazily loaded modules and `moduleRef.create`. */
export class SecretLinker implements RequestHost {
  readonly #host: AppModule;

  constructor(
    readonly connection: string,
    private readonly container: ModulesContainer,
  ) {
    const token = internalToken('Linker', connection);
    const hosts = [...container.values()].filter((module) => module.getProviderByKey(token) !== undefined);
    const [host] = hosts;
    if (!host || hosts.length > 1) {
      throw new SecretConfigurationError(
        `it is configured ${hosts.length} times in this app. Import HcpVaultModule once for it, or give the others a name: forRoot({ connection: "…" }).`,
        { connection },
      );
    }
    this.#host = host;
    registry.addHost(this);
  }

  add(request: SecretRequest, fallback?: SecretDefault): void {
    for (const provider of secretProviders(request, fallback)) {
      const { provide } = provider;
      if (this.#host.getProviderByKey(provide) !== undefined) continue;
      this.#host.addProvider(provider);
      this.#host.exports.add(provide);
    }
  }

  /** Before anything is injected. */
  link(runtime: SecretRuntime): void {
    InjectedValues.of(runtime).keptIn(this.#host);
  }

  /** True where a test has put something else in the place of a secret’s provider. */
  isOverridden(token: string): boolean {
    const wrapper = this.#host.getProviderByKey(token) as { metatype?: unknown } | undefined;
    return wrapper !== undefined && !isOwnFactory(wrapper.metatype);
  }

  /** The value that a test gives for a secret (`overrideProvider(token).useValue(…)`). */
  overrideOf(token: string): { readonly value: unknown } | undefined {
    if (!this.isOverridden(token)) return undefined;
    const wrapper = this.#host.getProviderByKey(token) as { instance?: unknown } | undefined;
    return { value: wrapper?.instance };
  }

  /** True where a test provides a token: in the place of ours, or in a module of its own beside it. */
  isGivenElsewhere(token: string): boolean {
    if (this.isOverridden(token)) return true;
    for (const module of this.container.values()) {
      if (module !== this.#host && module.getProviderByKey(token) !== undefined) return true;
    }
    return false;
  }

  unlink(): void {
    registry.removeHost(this);
  }
}
