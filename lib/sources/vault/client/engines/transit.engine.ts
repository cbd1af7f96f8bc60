import { ownOptions } from '../../../../core/options/own-options.js';
import { toFields } from '../call-fields.js';
import type { VaultError } from '../vault.errors.js';
import { VaultInvalidRequestError } from '../vault.errors.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';
import { ciphertextItem, inputItem, plaintextItem, rewrapItem, secrecy } from './transit.items.js';
import type {
  VaultTransitCiphertext,
  VaultTransitInput,
  VaultTransitPlaintext,
  VaultTransitRewrapItem,
} from './transit.items.js';
import { TransitKeys } from './transit.keys.js';
import type { TransitCall, TransitItem } from './transit.batch.js';
import { batch, callOf, single } from './transit.batch.js';
import type { VaultBytes } from './transit.bytes.js';
import { fromBase64, textIn, toBase64 } from './transit.bytes.js';
import type {
  VaultDataKeyOptions,
  VaultRandomBytesOptions,
  VaultTransitDecryptOptions,
  VaultTransitEncryptOptions,
  VaultTransitHashOptions,
  VaultTransitHmacOptions,
  VaultTransitRewrapOptions,
  VaultTransitSignOptions,
  VaultTransitVerifyOptions,
} from './transit.options.js';
import {
  DATA_KEY_OPTIONS,
  DECRYPT_OPTIONS,
  ENCRYPT_OPTIONS,
  HASH_OPTIONS,
  HMAC_OPTIONS,
  RANDOM_OPTIONS,
  REWRAP_OPTIONS,
  SIGN_OPTIONS,
  VERIFY_OPTIONS,
} from './transit.options.js';

type Many<T> = readonly T[];
/** One answer for each item of a batch, an error in the place of one that failed. */
export type VaultBatch<T> = (T | VaultError)[];

/**
 * The transit engine: encryption as a service. `mount` is `'transit'` unless given. Takes and gives text and bytes rather than base64; a list goes in
 * one request and gives a list. @throws VaultInvalidRequestError for a ciphertext or key that Vault can't use, VaultInvalidPathError for an unknown key.
 */
export class TransitEngine {
  /** What is done with the keys themselves. */
  readonly keys: TransitKeys;
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
    this.keys = new TransitKeys(requester);
  }

  /** `POST :mount/encrypt/:key` → `vault:v1:…`. Of a list, an item may have a context, version or other secrecy of its own. */
  encrypt(key: string, plaintext: VaultBytes, options?: VaultTransitEncryptOptions): Promise<string>;
  encrypt(
    key: string,
    plaintexts: Many<VaultBytes | VaultTransitPlaintext>,
    options?: VaultTransitEncryptOptions,
  ): Promise<VaultBatch<string>>;
  async encrypt(
    key: string,
    input: VaultBytes | Many<VaultBytes | VaultTransitPlaintext>,
    given?: VaultTransitEncryptOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, type, convergentEncryption, ...shared } = ownOptions(
      given,
      ENCRYPT_OPTIONS,
      'client.transit.encrypt',
    );
    const ofNewKey = { type, convergent_encryption: convergentEncryption };
    const call = callOf('encrypt', key, mount, ofNewKey, ciphertext);
    return this.#run(call, input, plaintextItem('client.transit.encrypt', shared));
  }

  /** `POST :mount/decrypt/:key`: the bytes; `Buffer.from(bytes).toString()` where they are text. */
  decrypt(key: string, ciphertext: string, options?: VaultTransitDecryptOptions): Promise<Uint8Array>;
  decrypt(
    key: string,
    ciphertexts: Many<string | VaultTransitCiphertext>,
    options?: VaultTransitDecryptOptions,
  ): Promise<VaultBatch<Uint8Array>>;
  async decrypt(
    key: string,
    input: string | Many<string | VaultTransitCiphertext>,
    given?: VaultTransitDecryptOptions,
  ): Promise<Uint8Array | VaultBatch<Uint8Array>> {
    const { mount, ...shared } = ownOptions(given, DECRYPT_OPTIONS, 'client.transit.decrypt');
    const call = callOf('decrypt', key, mount, {}, (result) => fromBase64(result['plaintext']));
    return this.#run(call, input, ciphertextItem('client.transit.decrypt', shared));
  }

  /** `POST :mount/rewrap/:key`: the same under the key's latest version, without showing the plaintext to anyone. */
  rewrap(key: string, ciphertext: string, options?: VaultTransitRewrapOptions): Promise<string>;
  rewrap(
    key: string,
    ciphertexts: Many<string | VaultTransitRewrapItem>,
    options?: VaultTransitRewrapOptions,
  ): Promise<VaultBatch<string>>;
  async rewrap(
    key: string,
    input: string | Many<string | VaultTransitRewrapItem>,
    given?: VaultTransitRewrapOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, ...shared } = ownOptions(given, REWRAP_OPTIONS, 'client.transit.rewrap');
    return this.#run(callOf('rewrap', key, mount, {}, ciphertext), input, rewrapItem('client.transit.rewrap', shared));
  }

  /** `POST :mount/sign/:key` → `vault:v1:…` */
  sign(key: string, input: VaultBytes, options?: VaultTransitSignOptions): Promise<string>;
  sign(
    key: string,
    inputs: Many<VaultBytes | VaultTransitInput>,
    options?: VaultTransitSignOptions,
  ): Promise<VaultBatch<string>>;
  async sign(
    key: string,
    input: VaultBytes | Many<VaultBytes | VaultTransitInput>,
    given?: VaultTransitSignOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, context, ...options } = ownOptions(given, SIGN_OPTIONS, 'client.transit.sign');
    const call = callOf('sign', key, mount, toFields(options), (result) => textIn(result['signature']));
    return this.#run(call, input, inputItem('client.transit.sign', { context }));
  }

  /** `POST :mount/verify/:key`: whether a signature (or, with `kind: 'hmac'`, an HMAC) is that of the input. Lists go pairwise. */
  verify(key: string, input: VaultBytes, signature: string, options?: VaultTransitVerifyOptions): Promise<boolean>;
  verify(
    key: string,
    inputs: Many<VaultBytes | VaultTransitInput>,
    signatures: Many<string>,
    options?: VaultTransitVerifyOptions,
  ): Promise<VaultBatch<boolean>>;
  async verify(
    key: string,
    input: VaultBytes | Many<VaultBytes | VaultTransitInput>,
    signature: string | Many<string>,
    given?: VaultTransitVerifyOptions,
  ): Promise<boolean | VaultBatch<boolean>> {
    const {
      mount,
      context,
      kind = 'signature',
      ...options
    } = ownOptions(given, VERIFY_OPTIONS, 'client.transit.verify');
    const call = callOf('verify', key, mount, toFields(options), ({ valid }) =>
      typeof valid === 'boolean' ? valid : undefined,
    );
    const signatures = typeof signature === 'string' ? [signature] : signature;
    if (signatures.length !== (isList(input) ? input.length : 1)) {
      throw new VaultInvalidRequestError('Vault: transit verify takes as many signatures as inputs: it is not sent.', {
        status: 400,
        path: call.path.text,
      });
    }
    const sent = inputItem('client.transit.verify', { context });
    return this.#run(call, input, (item, index) => ({ ...sent(item), [kind]: signatures[index] }));
  }

  /** `POST :mount/hmac/:key` → `vault:v1:…` */
  hmac(key: string, input: VaultBytes, options?: VaultTransitHmacOptions): Promise<string>;
  hmac(key: string, inputs: Many<VaultBytes>, options?: VaultTransitHmacOptions): Promise<VaultBatch<string>>;
  async hmac(
    key: string,
    input: VaultBytes | Many<VaultBytes>,
    given?: VaultTransitHmacOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, ...options } = ownOptions(given, HMAC_OPTIONS, 'client.transit.hmac');
    const call = callOf('hmac', key, mount, toFields(options), (result) => textIn(result['hmac']));
    return this.#run(call, input, (item) => ({ input: toBase64(item) }));
  }

  /** `POST :mount/datakey/plaintext/:key`, or `…/wrapped/:key`: a new key to encrypt with, and the same encrypted, to keep beside the data. */
  generateDataKey(
    key: string,
    options?: VaultDataKeyOptions & { type?: 'plaintext' | undefined },
  ): Promise<{ readonly plaintext: Uint8Array; readonly ciphertext: string }>;
  generateDataKey(
    key: string,
    options: VaultDataKeyOptions & { type: 'wrapped' },
  ): Promise<{ readonly ciphertext: string }>;
  async generateDataKey(
    key: string,
    given?: VaultDataKeyOptions,
  ): Promise<{ readonly plaintext?: Uint8Array; readonly ciphertext: string }> {
    const {
      mount = 'transit',
      type = 'plaintext',
      bits,
      context,
    } = ownOptions(given, DATA_KEY_OPTIONS, 'client.transit.generateDataKey');
    const call: TransitCall<{ plaintext?: Uint8Array; ciphertext: string }> = {
      path: VaultPath.of(mount, 'datakey', type, segment(key)),
      common: {},
      read: (result) => {
        const [encrypted, plaintext] = [ciphertext(result), fromBase64(result['plaintext'])];
        if (encrypted === undefined || (type === 'plaintext' && !plaintext)) return undefined;
        return { ...(plaintext && { plaintext }), ciphertext: encrypted };
      },
    };
    return single(this.#requester, call, { bits, ...secrecy({ context }) });
  }

  /** `POST :mount/random/:source/:count`, and so of Vault's own randomness. */
  async randomBytes(count: number, given?: VaultRandomBytesOptions): Promise<Uint8Array> {
    const { mount = 'transit', source = 'platform' } = ownOptions(given, RANDOM_OPTIONS, 'client.transit.randomBytes');
    const path = VaultPath.of(mount, 'random', source, segment(String(count)));
    const read: TransitCall<Uint8Array>['read'] = (result) => fromBase64(result['random_bytes']);
    return single(this.#requester, { path, common: { format: 'base64' }, read }, {});
  }

  /** `POST :mount/hash/:algorithm`: the bytes of a hash, without any key. */
  async hash(input: VaultBytes, given?: VaultTransitHashOptions): Promise<Uint8Array> {
    const { mount = 'transit', algorithm = 'sha2-256' } = ownOptions(given, HASH_OPTIONS, 'client.transit.hash');
    const path = VaultPath.of(mount, 'hash', segment(algorithm));
    const read: TransitCall<Uint8Array>['read'] = (result) => fromBase64(result['sum']);
    return single(this.#requester, { path, common: { format: 'base64' }, read }, { input: toBase64(input) });
  }

  #run<I, R>(
    call: TransitCall<R>,
    input: I | Many<I>,
    itemOf: (item: I, index: number) => TransitItem,
  ): Promise<R | VaultBatch<R>> {
    if (isList(input)) return batch(this.#requester, call, input.map(itemOf));
    return single(this.#requester, call, itemOf(input, 0));
  }
}

/** A type guard of our own: `Array.isArray` takes a readonly list for none. */
function isList<T>(input: T | Many<T>): input is Many<T> {
  return Array.isArray(input);
}

const ciphertext = (result: Readonly<Record<string, unknown>>): string | undefined => textIn(result['ciphertext']);
