import { SecretConfigurationError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import { isBytes } from '../secret/secret-value.js';

/**
 * 32 bytes (`Buffer.from(process.env.CACHE_KEY, 'base64')` of `openssl rand -base64 32`), or text: a passphrase of at least 8 characters, which is put
 * through scrypt; or a function that gets either, as from a KMS.
 */
export type SharedKey = Uint8Array | string | (() => KeyMaterial | Promise<KeyMaterial>);
type KeyMaterial = Uint8Array | string;

/** One key, or a list for rotation: the first writes, all read. */
export type SharedKeys = SharedKey | readonly SharedKey[];

const BYTES = 32;
const SHORTEST_PASSPHRASE = 8;

/** The option `key` of a shared cache: checked, and shown to nobody. */
export class CheckedKeys {
  readonly #keys: readonly SharedKey[];

  /** Throws SecretConfigurationError, without a word of the key. @param taker the function that was given it. */
  constructor(
    given: unknown,
    private readonly taker: string,
  ) {
    const keys: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (keys.length === 0) throw fault(taker, 'is an empty list');
    this.#keys = keys.map((key) => (typeof key === 'function' ? (key as SharedKey) : material(key, taker)));
  }

  /** One after the other, as a passphrase takes much memory. Rejects with what a function rejects with, or with SecretConfigurationError. */
  async resolved(stretch: (passphrase: string) => Promise<Uint8Array>): Promise<Uint8Array[]> {
    const resolved: Uint8Array[] = [];
    for (const key of this.#keys) {
      const given = typeof key === 'function' ? material(await key(), this.taker) : key;
      resolved.push(typeof given === 'string' ? await stretch(given) : given);
    }
    return resolved;
  }

  static {
    hideInOutput(CheckedKeys.prototype, () => '[keys of a shared cache]');
  }
}

/** A copy of bytes: who gave them may overwrite them. */
function material(key: unknown, taker: string): KeyMaterial {
  if (isBytes(key)) {
    if (key.byteLength === BYTES) return Uint8Array.from(key);
    throw fault(taker, `has ${key.byteLength} bytes`);
  }
  if (typeof key === 'string') {
    if (key.length >= SHORTEST_PASSPHRASE) return key;
    throw fault(taker, `is a text of less than ${SHORTEST_PASSPHRASE} characters`);
  }
  throw fault(taker, key === undefined ? 'is not given' : 'is none of these');
}

const fault = (taker: string, what: string): SecretConfigurationError =>
  new SecretConfigurationError(
    `option "key" of ${taker} ${what}: give 32 bytes, a passphrase of at least ${SHORTEST_PASSPHRASE} characters, a function that gets one of these, or a list of them.`,
    { advice: '`openssl rand -base64 32` makes a key; hand it on as `Buffer.from(text, "base64")`.' },
  );
