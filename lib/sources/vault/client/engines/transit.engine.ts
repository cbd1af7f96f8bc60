import { ownOptions } from '../../../../core/options/own-options.js';
import { toFields } from '../call-fields.js';
import type { VaultError } from '../vault.errors.js';
import { VaultInvalidRequestError } from '../vault.errors.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';
import type { TransitCall, TransitItem } from './transit.batch.js';
import { batch, single } from './transit.batch.js';
import type { VaultBytes } from './transit.bytes.js';
import { fromBase64, textIn, toBase64 } from './transit.bytes.js';
import type {
  VaultDataKeyOptions,
  VaultTransitDecryptOptions,
  VaultTransitEncryptOptions,
  VaultTransitHmacOptions,
  VaultTransitOptions,
  VaultTransitSignOptions,
  VaultTransitVerifyOptions,
} from './transit.options.js';
import {
  DATA_KEY_OPTIONS,
  DECRYPT_OPTIONS,
  ENCRYPT_OPTIONS,
  HMAC_OPTIONS,
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
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST :mount/encrypt/:key` → `vault:v1:…` */
  encrypt(key: string, plaintext: VaultBytes, options?: VaultTransitEncryptOptions): Promise<string>;
  encrypt(key: string, plaintexts: Many<VaultBytes>, options?: VaultTransitEncryptOptions): Promise<VaultBatch<string>>;
  async encrypt(
    key: string,
    input: VaultBytes | Many<VaultBytes>,
    given?: VaultTransitEncryptOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, context, associatedData, keyVersion, type } = ownOptions(
      given,
      ENCRYPT_OPTIONS,
      'client.transit.encrypt',
    );
    const shared = { ...secrecy({ context, associatedData }), key_version: keyVersion };
    return this.#run(callOf('encrypt', key, mount, { type }, ciphertext), input, (item) => ({
      plaintext: toBase64(item),
      ...shared,
    }));
  }

  /** `POST :mount/decrypt/:key`: the bytes; `Buffer.from(bytes).toString()` where they are text. */
  decrypt(key: string, ciphertext: string, options?: VaultTransitDecryptOptions): Promise<Uint8Array>;
  decrypt(
    key: string,
    ciphertexts: Many<string>,
    options?: VaultTransitDecryptOptions,
  ): Promise<VaultBatch<Uint8Array>>;
  async decrypt(
    key: string,
    input: string | Many<string>,
    given?: VaultTransitDecryptOptions,
  ): Promise<Uint8Array | VaultBatch<Uint8Array>> {
    const { mount, context, associatedData } = ownOptions(given, DECRYPT_OPTIONS, 'client.transit.decrypt');
    const shared = secrecy({ context, associatedData });
    const call = callOf('decrypt', key, mount, {}, (result) => fromBase64(result['plaintext']));
    return this.#run(call, input, (item) => ({ ciphertext: item, ...shared }));
  }

  /** `POST :mount/rewrap/:key`: the same under the key's latest version, without showing the plaintext to anyone. */
  rewrap(key: string, ciphertext: string, options?: VaultTransitEncryptOptions): Promise<string>;
  rewrap(key: string, ciphertexts: Many<string>, options?: VaultTransitEncryptOptions): Promise<VaultBatch<string>>;
  async rewrap(
    key: string,
    input: string | Many<string>,
    given?: VaultTransitEncryptOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, context, associatedData, keyVersion } = ownOptions(given, ENCRYPT_OPTIONS, 'client.transit.rewrap');
    const shared = { ...secrecy({ context, associatedData }), key_version: keyVersion };
    return this.#run(callOf('rewrap', key, mount, {}, ciphertext), input, (item) => ({ ciphertext: item, ...shared }));
  }

  /** `POST :mount/sign/:key` → `vault:v1:…` */
  sign(key: string, input: VaultBytes, options?: VaultTransitSignOptions): Promise<string>;
  sign(key: string, inputs: Many<VaultBytes>, options?: VaultTransitSignOptions): Promise<VaultBatch<string>>;
  async sign(
    key: string,
    input: VaultBytes | Many<VaultBytes>,
    given?: VaultTransitSignOptions,
  ): Promise<string | VaultBatch<string>> {
    const { mount, context, ...options } = ownOptions(given, SIGN_OPTIONS, 'client.transit.sign');
    const call = callOf('sign', key, mount, toFields(options), (result) => textIn(result['signature']));
    return this.#run(call, input, (item) => ({ input: toBase64(item), ...secrecy({ context }) }));
  }

  /** `POST :mount/verify/:key`: whether a signature (or, with `kind: 'hmac'`, an HMAC) is that of the input. Lists go pairwise. */
  verify(key: string, input: VaultBytes, signature: string, options?: VaultTransitVerifyOptions): Promise<boolean>;
  verify(
    key: string,
    inputs: Many<VaultBytes>,
    signatures: Many<string>,
    options?: VaultTransitVerifyOptions,
  ): Promise<VaultBatch<boolean>>;
  async verify(
    key: string,
    input: VaultBytes | Many<VaultBytes>,
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
    return this.#run(call, input, (item, index) => ({
      input: toBase64(item),
      [kind]: signatures[index],
      ...secrecy({ context }),
    }));
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

  #run<I, R>(
    call: TransitCall<R>,
    input: I | Many<I>,
    itemOf: (item: I, index: number) => TransitItem,
  ): Promise<R | VaultBatch<R>> {
    if (isList(input)) return batch(this.#requester, call, input.map(itemOf));
    return single(this.#requester, call, itemOf(input, 0));
  }
}

function callOf<R>(
  verb: string,
  key: string,
  mount = 'transit',
  common: object,
  read: TransitCall<R>['read'],
): TransitCall<R> {
  return { path: VaultPath.of(mount, verb, segment(key)), common, read };
}

/** A type guard of our own: `Array.isArray` takes a readonly list for none. */
function isList<T>(input: T | Many<T>): input is Many<T> {
  return Array.isArray(input);
}

function secrecy({ context, associatedData }: VaultTransitOptions & VaultTransitDecryptOptions): TransitItem {
  return {
    context: context === undefined ? undefined : toBase64(context),
    associated_data: associatedData === undefined ? undefined : toBase64(associatedData),
  };
}

const ciphertext = (result: Readonly<Record<string, unknown>>): string | undefined => textIn(result['ciphertext']);
