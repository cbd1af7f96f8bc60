import { SecretConfigurationError } from '../errors/index.js';
import { sameInConstantTime, WebhookKeys } from './webhook-keys.js';
import type { WebhookSecret } from './webhook-keys.js';
import type { WebhookCall } from './webhook-verifier.js';
import { headerOf } from './webhook-verifier.js';

const HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

export interface KeyPlaceOptions {
  readonly taker: string;
  readonly key: WebhookSecret;
  readonly header: string | undefined;
  /** Of the address, in place of a header. */
  readonly query?: string | undefined;
}

/** Where a sender that signs nothing shows its key. */
export class KeyPlace {
  readonly #keys: WebhookKeys<string>;
  readonly #header: string | undefined;
  readonly #query: string | undefined;

  /** Throws SecretConfigurationError for what can't be meant. */
  constructor({ taker, key, header, query }: KeyPlaceOptions) {
    if (header !== undefined && query !== undefined) {
      throw new SecretConfigurationError(`${taker} takes one of "header" and "query".`);
    }
    if (header !== undefined && !HEADER.test(header)) {
      throw new SecretConfigurationError(`option "header" of ${taker} is not a name of a header field.`);
    }
    if (query === '') throw new SecretConfigurationError(`option "query" of ${taker} is not a name of a parameter.`);
    this.#keys = new WebhookKeys(key, taker, (text) => text);
    this.#query = query;
    this.#header = query === undefined ? (header ?? 'x-api-key').toLowerCase() : undefined;
  }

  /** Whether the key is a part of the address, and so in whatever is sent to it. */
  get isInAddress(): boolean {
    return this.#query !== undefined;
  }

  /** Rejects with SecretError where there is no key to compare it with. */
  async isShownIn(call: WebhookCall): Promise<boolean> {
    const keys = await this.#keys.current();
    const shown = this.#shownIn(call);
    let isKey = false;
    for (const key of keys) isKey = sameInConstantTime(key, shown ?? '') || isKey;
    return isKey && shown !== undefined;
  }

  #shownIn(call: WebhookCall): string | undefined {
    if (this.#header !== undefined) return headerOf(call, this.#header);
    const shown = call.query.getAll(this.#query!);
    return shown.length === 1 ? shown[0] : undefined;
  }
}
