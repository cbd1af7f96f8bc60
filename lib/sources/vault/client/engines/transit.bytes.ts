/** What may be encrypted, signed or hashed: text goes in as UTF-8. */
export type VaultBytes = string | Uint8Array;

export function toBase64(input: VaultBytes): string {
  const bytes =
    typeof input === 'string' ? Buffer.from(input) : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return bytes.toString('base64');
}

/** Bytes with a buffer of their own: node keeps small ones in a pool that they would share with others' secrets. */
export function fromBase64(text: unknown): Uint8Array | undefined {
  return typeof text === 'string' ? Uint8Array.from(Buffer.from(text, 'base64')) : undefined;
}

export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
