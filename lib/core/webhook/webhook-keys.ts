import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isSecretError, SecretConfigurationError, SecretSourceUnavailableError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';

/**
 * What a sender signs with, or proves itself by: a text, several while it is being replaced (any of them counts), or a function that gives either, asked
 * at each call, such as `() => ref.accepted` for a secret of one's own.
 */
export type WebhookSecret =
  string | readonly string[] | (() => string | readonly string[] | Promise<string | readonly string[]>);

/** The keys that count now. Shows nothing of itself. */
export class WebhookKeys<K> {
  readonly #given: WebhookSecret;
  readonly #parse: (text: string) => K;
  readonly #taker: string;

  /**
   * Throws SecretConfigurationError for what can be no key; of a function's result that is said when it is there.
   * @param parse throws SecretConfigurationError for a text that is not a key of this kind.
   */
  constructor(given: WebhookSecret, taker: string, parse: (text: string) => K) {
    this.#taker = taker;
    this.#parse = parse;
    this.#given = given;
    if (typeof given !== 'function') this.#parsed(given);
  }

  /** Rejects with SecretError where there are none. */
  async current(): Promise<readonly K[]> {
    const given = this.#given;
    if (typeof given !== 'function') return this.#parsed(given);
    try {
      return this.#parsed(await given());
    } catch (cause) {
      if (isSecretError(cause)) throw cause;
      throw new SecretSourceUnavailableError(`the secret of ${this.#taker} can't be had.`, { cause });
    }
  }

  #parsed(given: unknown): readonly K[] {
    const texts: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (texts.length === 0) throw this.#wrong();
    return texts.map((text) => {
      if (typeof text !== 'string' || text.trim() === '') throw this.#wrong();
      return this.#parse(text);
    });
  }

  #wrong(): SecretConfigurationError {
    return new SecretConfigurationError(
      `the secret of ${this.#taker} is a text that is not empty, a list of such, or a function that gives either.`,
    );
  }

  static {
    hideInOutput(WebhookKeys.prototype, (self) => `[secret of ${self.#taker}]`);
  }
}

/** Takes as long for texts that differ early as for those that differ late, and tells nothing of their length. */
export function sameInConstantTime(one: Uint8Array | string, other: Uint8Array | string): boolean {
  const digest = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** HMAC-SHA256. */
export const signatureOf = (key: Uint8Array | string, ...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/** True where a signature is of one of the keys. All are tried, whichever it is. */
export function isSignedBy(
  keys: readonly (Uint8Array | string)[],
  signatures: readonly Uint8Array[],
  ...parts: readonly (Uint8Array | string)[]
): boolean {
  let isSigned = false;
  for (const key of keys) {
    const own = signatureOf(key, ...parts);
    for (const signature of signatures) isSigned = sameInConstantTime(own, signature) || isSigned;
  }
  return isSigned;
}
