import type { Provider } from '@nestjs/common';
import type { RequestHost, SecretDefault } from './registry.js';
import { providerOf, strandedProvider, tokensOf } from './secret.providers.js';
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
    for (const token of tokensOf(request, fallback)) this.#push(token, () => providerOf(request, token));
  }

  addStranded(request: SecretRequest, fallback?: SecretDefault): void {
    for (const token of tokensOf(request, fallback)) {
      this.#push(token, () => strandedProvider(request, token, this.connection));
    }
  }

  dropStranded(requests: Iterable<SecretRequest>): void {
    for (const request of requests) {
      for (const token of tokensOf(request)) {
        if (!this.#known.delete(token)) continue;
        const index = this.providers.findIndex((provider) => (provider as { provide?: unknown }).provide === token);
        this.providers.splice(index, 1);
        this.exports.splice(this.exports.indexOf(token), 1);
      }
    }
  }

  #push(token: string, make: () => Provider): void {
    if (this.#known.has(token)) return;
    this.#known.add(token);
    this.providers.push(make());
    this.exports.push(token);
  }
}
