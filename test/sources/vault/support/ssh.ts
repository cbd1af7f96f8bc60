import { generateKeyPairSync } from 'node:crypto';

const field = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A new public key as in a file `id_ed25519.pub`, and its bytes. */
export function sshPublicKey(): { readonly text: string; readonly bytes: Buffer } {
  const { publicKey } = generateKeyPairSync('ed25519');
  const bytes = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(bytes)]);
  return { text: `ssh-ed25519 ${blob.toString('base64')} test`, bytes };
}
