import { createPrivateKey, sign } from 'node:crypto';
import { SecretAuthenticationError } from '../../../core/errors/index.js';
import { AccessToken } from '../../http/index.js';
import type { CredentialFile } from './credential.file.js';
import { SCOPE } from './token.request.js';

/** Seconds: Google takes no longer ones. */
const LIFE = 3600;

/**
 * A token that the key of a service account signs (JWT, RS256), as Google's APIs take it in place of one of its token endpoint: nothing is asked for it.
 * @param wall milliseconds since 1970: its times are Google's to compare with its own clock.
 */
export function signedToken(file: CredentialFile, sourceKind: string, wall = Date.now()): AccessToken {
  const email = file.needed('client_email', sourceKind);
  const issuedAt = Math.floor(wall / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: file.text('private_key_id') };
  const claims = { iss: email, sub: email, scope: SCOPE, iat: issuedAt, exp: issuedAt + LIFE };
  const text = `${encoded(header)}.${encoded(claims)}`;
  const key = file.needed('private_key', sourceKind);
  return new AccessToken(`${text}.${signature(text, key, file.path, sourceKind)}`, LIFE * 1000);
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function signature(text: string, key: string, path: string, sourceKind: string): string {
  try {
    const rsa = createPrivateKey(key);
    if (rsa.asymmetricKeyType === 'rsa') return sign('sha256', Buffer.from(text), rsa).toString('base64url');
  } catch {
    // What failed is not kept: it had the key.
  }
  throw new SecretAuthenticationError(`the "private_key" in "${path}" is not an RSA key in PEM.`, {
    sourceKind,
    advice: 'Write the file again: a key of a service account, as JSON.',
  });
}
