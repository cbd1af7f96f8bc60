import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import type { MountOption } from '../call-fields.js';
import { MOUNT_OPTIONS } from '../call-fields.js';
import type { VaultBytes } from './transit.bytes.js';

export interface VaultTransitOptions extends MountOption {
  /** For keys made with `derived`; the same for all items of a batch. */
  readonly context?: VaultBytes | undefined;
}

export interface VaultTransitDecryptOptions extends VaultTransitOptions {
  /** What is authenticated with the ciphertext, of AEAD keys; the same at both ends. */
  readonly associatedData?: VaultBytes | undefined;
}

export interface VaultTransitEncryptOptions extends VaultTransitDecryptOptions {
  /** @default the latest */
  readonly keyVersion?: number | undefined;
  /** The type of a key that is made by encrypting with it for the first time. @default 'aes256-gcm96' */
  readonly type?: string | undefined;
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

const TRANSIT_OPTIONS: OptionKinds<VaultTransitOptions> = { ...MOUNT_OPTIONS, context: 'any' };

export const DECRYPT_OPTIONS: OptionKinds<VaultTransitDecryptOptions> = { ...TRANSIT_OPTIONS, associatedData: 'any' };

export const ENCRYPT_OPTIONS: OptionKinds<VaultTransitEncryptOptions> = {
  ...DECRYPT_OPTIONS,
  keyVersion: 'number',
  type: 'text',
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
