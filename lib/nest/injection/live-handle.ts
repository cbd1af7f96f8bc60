import { hideInOutput } from '../../core/redaction.js';
import type { Cell } from '../../core/store/cell.js';
import type { LiveSecret } from '../../core/store/live-secret.js';
import { cellOf } from './current-value.js';
import type { SecretRequest } from './secret-request.js';

/** The cell that a live property reads, and whether what Nest has put there came from it. */
export class LiveHandle {
  readonly #secret: LiveSecret;
  readonly #request: SecretRequest;
  readonly #isGivenElsewhere: (token: string) => boolean;

  constructor(secret: LiveSecret, request: SecretRequest, isGivenElsewhere: (token: string) => boolean) {
    this.#secret = secret;
    this.#request = request;
    this.#isGivenElsewhere = isGivenElsewhere;
  }

  get cell(): Cell {
    return cellOf(this.#secret, this.#request);
  }

  /**
   * False for a value that a test has given. A rotation may come between the two injections of one property, so values that the secret had of late
   * count too; and where there was none to inject, the property holds what the class itself has put there.
   */
  isOwn(value: unknown): boolean {
    const { field, token } = this.#request;
    return !this.#isGivenElsewhere(token) || (value !== undefined && this.#secret.hasShown(field, value));
  }

  static {
    hideInOutput(LiveHandle.prototype, (self) => `[secret ${self.#secret.name}]`);
  }
}
