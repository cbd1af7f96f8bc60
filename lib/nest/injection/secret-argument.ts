import { hideInOutput } from '../../core/redaction.js';
import type { LiveSecret } from '../../core/store/live-secret.js';
import { currentValue } from './current-value.js';
import type { SecretRequest } from './secret-request.js';

/** How a method parameter reads its secret at each call. */
export class SecretArgument {
  readonly #secret: LiveSecret;
  readonly #request: SecretRequest;
  readonly #override: { readonly value: unknown } | undefined;

  constructor(secret: LiveSecret, request: SecretRequest, override: { readonly value: unknown } | undefined) {
    this.#secret = secret;
    this.#request = request;
    this.#override = override;
  }

  /** A test gives something else. */
  get isOverridden(): boolean {
    return this.#override !== undefined;
  }

  read(fallback: unknown): unknown {
    if (this.#override) return this.#override.value;
    return currentValue(this.#secret, this.#request, fallback);
  }

  static {
    hideInOutput(SecretArgument.prototype, (self) => `[secret ${self.#secret.name}]`);
  }
}
