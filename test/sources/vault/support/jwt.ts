import { createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Of the key that signs `jwtOf`, in PEM. */
export const jwtPublicKey = publicKey;

/** The same as a JWK. */
export const jwtPublicJwk = createPublicKey(publicKey).export({ format: 'jwk' });

/** A JWT signed with a key of this test run's own, or another. */
export function jwtOf(claims: object, header: object = {}, key = privateKey): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', typ: 'JWT', ...header })}.${part({ iat: now, nbf: now, exp: now + 600, ...claims })}`;
  return `${body}.${createSign('RSA-SHA256').update(body).sign(key, 'base64url')}`;
}
