import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HcpVaultClient, SecretRef } from 'nestjs-hcp-vault';

/** The key that has signed a token (HS256). One that nobody here knows is asked for at the source, for two seconds at most. */
export function keyOf(token: string, key: SecretRef<string>, secrets: HcpVaultClient): Promise<string> {
  const [head, body, signature = ''] = token.split('.');
  const given = Buffer.from(signature, 'base64url');
  const hasSigned = (candidate: string): boolean => {
    const made = createHmac('sha256', candidate).update(`${head}.${body}`).digest();
    return given.length === made.length && timingSafeEqual(given, made);
  };
  const find = async () => key.accepted.find(hasSigned) ?? Promise.reject(new Error('signed with another key'));
  return secrets.withSecret(key.name, find, { rejects: () => true, retryFor: '2s' });
}
