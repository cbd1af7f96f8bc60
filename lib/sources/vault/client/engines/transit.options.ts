import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import type { MountOption } from '../call-fields.js';
import { MOUNT_OPTIONS } from '../call-fields.js';
import type { VaultBytes } from './transit.bytes.js';

export interface VaultTransitOptions extends MountOption {
  /** For keys made with `derived`; of a batch for all items that have none of their own. */
  readonly context?: VaultBytes | undefined;
}

export interface VaultTransitDecryptOptions extends VaultTransitOptions {
  /** What is authenticated with the ciphertext, of AEAD keys; the same at both ends. */
  readonly associatedData?: VaultBytes | undefined;
  /** Of keys with `convergentEncryption` that Vault 0.6.1 made, which need one. */
  readonly nonce?: VaultBytes | undefined;
}

export interface VaultTransitRewrapOptions extends VaultTransitDecryptOptions {
  /** @default the latest */
  readonly keyVersion?: number | undefined;
}

export interface VaultTransitEncryptOptions extends VaultTransitRewrapOptions {
  /** The type of a key that is made by encrypting with it for the first time. @default 'aes256-gcm96' */
  readonly type?: string | undefined;
  /** Of such a key, with a context. @default false */
  readonly convergentEncryption?: boolean | undefined;
}

export interface VaultTransitHmacOptions extends MountOption {
  /** @default 'sha2-256' */
  readonly algorithm?: string | undefined;
  /** @default the latest */
  readonly keyVersion?: number | undefined;
}

export interface VaultTransitVerifyOptions extends VaultTransitOptions {
  /** @default 'sha2-256' */
  readonly hashAlgorithm?: string | undefined;
  /** Of RSA keys. @default 'pss' */
  readonly signatureAlgorithm?: 'pss' | 'pkcs1v15' | undefined;
  /** Of ECDSA keys. @default 'asn1' */
  readonly marshalingAlgorithm?: 'asn1' | 'jws' | undefined;
  /** Of RSA-PSS: 'auto', 'hash', or a number of bytes as text. @default 'auto' */
  readonly saltLength?: string | undefined;
  /** The input is a hash already. @default false */
  readonly prehashed?: boolean | undefined;
  /** Whether what is verified came from `sign` or from `hmac`. @default 'signature' */
  readonly kind?: 'signature' | 'hmac' | undefined;
}

export interface VaultTransitSignOptions extends Omit<VaultTransitVerifyOptions, 'kind'> {
  /** @default the latest */
  readonly keyVersion?: number | undefined;
}

export interface VaultDataKeyOptions extends VaultTransitOptions {
  /** 'wrapped' withholds the key itself, for whoever may not see it. @default 'plaintext' */
  readonly type?: 'plaintext' | 'wrapped' | undefined;
  /** @default 256 */
  readonly bits?: 128 | 256 | 512 | undefined;
}

export interface VaultTransitHashOptions extends MountOption {
  /** @default 'sha2-256' */
  readonly algorithm?: string | undefined;
}

export interface VaultRandomBytesOptions extends MountOption {
  /** Where they come from; 'seal' and 'all' are Vault Enterprise's. @default 'platform' */
  readonly source?: 'platform' | 'seal' | 'all' | undefined;
}

export const HASH_OPTIONS: OptionKinds<VaultTransitHashOptions> = { ...MOUNT_OPTIONS, algorithm: 'text' };

export const RANDOM_OPTIONS: OptionKinds<VaultRandomBytesOptions> = {
  ...MOUNT_OPTIONS,
  source: ['platform', 'seal', 'all'],
};

const TRANSIT_OPTIONS: OptionKinds<VaultTransitOptions> = { ...MOUNT_OPTIONS, context: 'any' };

export const DECRYPT_OPTIONS: OptionKinds<VaultTransitDecryptOptions> = {
  ...TRANSIT_OPTIONS,
  associatedData: 'any',
  nonce: 'any',
};

export const REWRAP_OPTIONS: OptionKinds<VaultTransitRewrapOptions> = { ...DECRYPT_OPTIONS, keyVersion: 'number' };

export const ENCRYPT_OPTIONS: OptionKinds<VaultTransitEncryptOptions> = {
  ...REWRAP_OPTIONS,
  type: 'text',
  convergentEncryption: 'boolean',
};

export const HMAC_OPTIONS: OptionKinds<VaultTransitHmacOptions> = {
  ...MOUNT_OPTIONS,
  algorithm: 'text',
  keyVersion: 'number',
};

const SIGNATURE_OPTIONS: OptionKinds<Omit<VaultTransitVerifyOptions, 'kind'>> = {
  ...TRANSIT_OPTIONS,
  hashAlgorithm: 'text',
  signatureAlgorithm: ['pss', 'pkcs1v15'],
  marshalingAlgorithm: ['asn1', 'jws'],
  saltLength: 'text',
  prehashed: 'boolean',
};

export const VERIFY_OPTIONS: OptionKinds<VaultTransitVerifyOptions> = {
  ...SIGNATURE_OPTIONS,
  kind: ['signature', 'hmac'],
};

export const SIGN_OPTIONS: OptionKinds<VaultTransitSignOptions> = { ...SIGNATURE_OPTIONS, keyVersion: 'number' };

export const DATA_KEY_OPTIONS: OptionKinds<VaultDataKeyOptions> = {
  ...TRANSIT_OPTIONS,
  type: ['plaintext', 'wrapped'],
  bits: [128, 256, 512],
};
