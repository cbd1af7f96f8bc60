import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { TransitItem } from './transit.batch.js';
import type { VaultBytes } from './transit.bytes.js';
import { toBase64 } from './transit.bytes.js';

interface OwnContext {
  /** In place of the call's. */
  readonly context?: VaultBytes | undefined;
}

interface OwnSecrecy extends OwnContext {
  /** In place of the call's. */
  readonly associatedData?: VaultBytes | undefined;
  /** In place of the call's. */
  readonly nonce?: VaultBytes | undefined;
}

/** An item of a batch to encrypt, with what is its own. */
export interface VaultTransitPlaintext extends OwnSecrecy {
  readonly plaintext: VaultBytes;
  /** In place of the call's. */
  readonly keyVersion?: number | undefined;
}

/** An item of a batch to decrypt, with what is its own. */
export interface VaultTransitCiphertext extends OwnSecrecy {
  readonly ciphertext: string;
}

/** An item of a batch to rewrap, with what is its own. */
export interface VaultTransitRewrapItem extends VaultTransitCiphertext {
  /** In place of the call's. */
  readonly keyVersion?: number | undefined;
}

/** An item of a batch to sign or verify, with what is its own. */
export interface VaultTransitInput extends OwnContext {
  readonly input: VaultBytes;
}

const OWN_SECRECY: OptionKinds<OwnSecrecy> = { context: 'any', associatedData: 'any', nonce: 'any' };

const PLAINTEXT: OptionKinds<VaultTransitPlaintext> = {
  ...OWN_SECRECY,
  plaintext: needed('any'),
  keyVersion: 'number',
};

const CIPHERTEXT: OptionKinds<VaultTransitCiphertext> = { ...OWN_SECRECY, ciphertext: needed('text') };

const REWRAP_ITEM: OptionKinds<VaultTransitRewrapItem> = { ...CIPHERTEXT, keyVersion: 'number' };

const INPUT: OptionKinds<VaultTransitInput> = { context: 'any', input: needed('any') };

type Secrecy = OwnSecrecy & { readonly keyVersion?: number | undefined };

/** What is sent of one item: its own fields go before those of the call. Throws SecretConfigurationError for a field that an item has not. */
export const plaintextItem =
  (call: string, shared: Secrecy) =>
  (item: VaultBytes | VaultTransitPlaintext): TransitItem => {
    const own = isBytes(item) ? { plaintext: item } : ownOptions(item, PLAINTEXT, itemOf(call));
    return { plaintext: toBase64(own.plaintext), ...secrecy(shared, own) };
  };

export const ciphertextItem =
  (call: string, shared: Secrecy) =>
  (item: string | VaultTransitCiphertext): TransitItem => {
    const own = isBytes(item) ? { ciphertext: item } : ownOptions(item, CIPHERTEXT, itemOf(call));
    return { ciphertext: own.ciphertext, ...secrecy(shared, own) };
  };

export const rewrapItem =
  (call: string, shared: Secrecy) =>
  (item: string | VaultTransitRewrapItem): TransitItem => {
    const own = isBytes(item) ? { ciphertext: item } : ownOptions(item, REWRAP_ITEM, itemOf(call));
    return { ciphertext: own.ciphertext, ...secrecy(shared, own) };
  };

export const inputItem =
  (call: string, shared: OwnContext) =>
  (item: VaultBytes | VaultTransitInput): TransitItem => {
    const own = isBytes(item) ? { input: item } : ownOptions(item, INPUT, itemOf(call));
    return { input: toBase64(own.input), ...secrecy(shared, own) };
  };

/** As JSON has it: what is undefined is not sent. */
export function secrecy(shared: Secrecy, own: Secrecy = {}): TransitItem {
  return {
    context: base64Of(own.context, shared.context),
    associated_data: base64Of(own.associatedData, shared.associatedData),
    nonce: base64Of(own.nonce, shared.nonce),
    key_version: own.keyVersion ?? shared.keyVersion,
  };
}

/** null is not a context of anybody's: it is refused, and not read as "the call's". */
function base64Of(own: VaultBytes | undefined, shared: VaultBytes | undefined): string | undefined {
  const bytes = own === undefined ? shared : own;
  return bytes === undefined ? undefined : toBase64(bytes);
}

const itemOf = (call: string): string => `an item of ${call}`;

const isBytes = <B extends VaultBytes>(item: B | object): item is B =>
  typeof item === 'string' || ArrayBuffer.isView(item);
