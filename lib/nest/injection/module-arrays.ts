import type { Provider } from '@nestjs/common';
import type { RequestHost, SecretDefault } from './registry.js';
import { secretProviders, strandedProvider } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';

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

  addStranded(request: SecretRequest, fallback?: SecretDefault): void {
    for (const { provide } of secretProviders(request, fallback)) {
      if (this.#known.has(provide)) continue;
      this.#known.add(provide);
      this.providers.push(strandedProvider(request, provide, this.connection));
      this.exports.push(provide);
    }
  }

  dropStranded(requests: Iterable<SecretRequest>): void {
    for (const request of requests) {
      for (const { provide } of secretProviders(request)) {
        if (!this.#known.delete(provide)) continue;
        this.providers.splice(
          this.providers.findIndex((provider) => (provider as { provide?: unknown }).provide === provide),
          1,
        );
        this.exports.splice(this.exports.indexOf(provide), 1);
      }
    }
  }
}
