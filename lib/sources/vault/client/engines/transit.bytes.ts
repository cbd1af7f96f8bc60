import { SecretConfigurationError } from '../../../../core/errors/index.js';

/** What may be encrypted, signed or hashed: text goes in as UTF-8. */
export type VaultBytes = string | Uint8Array;

/** Throws SecretConfigurationError, without the value, for what is neither. */
export function toBase64(input: VaultBytes): string {
  if (typeof input !== 'string' && !ArrayBuffer.isView(input)) {
    throw new SecretConfigurationError('Vault: transit takes text or bytes: nothing is sent.');
  }
  const bytes =
    typeof input === 'string' ? Buffer.from(input) : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return bytes.toString('base64');
}

/** Bytes with a buffer of their own: node keeps small ones in a pool that they would share with others' secrets. */
export function fromBase64(text: unknown): Uint8Array | undefined {
  return typeof text === 'string' ? Uint8Array.from(Buffer.from(text, 'base64')) : undefined;
}

export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
