import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectSecretRef, type SecretRef } from 'nestjs-hcp-vault';

export type Claims = Readonly<Record<string, unknown>>;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
const signatureOf = (signed: string, key: string): Buffer => createHmac('sha256', key).update(signed).digest();

/** JWTs that this app signs and checks (HS256), good for an hour. */
@Injectable()
export class Tokens {
  // As long as a token is good: then a rotation logs nobody out.
  constructor(@InjectSecretRef('JWT_KEY', { overlap: '1h' }) private readonly key: SecretRef<string>) {}

  /** Signs with the current key. */
  sign(claims: Claims, now = Date.now()): string {
    const exp = Math.floor(now / 1000) + 3600;
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ ...claims, exp })}`;
    return `${signed}.${signatureOf(signed, this.key.value).toString('base64url')}`;
  }

  /** The claims; undefined for a token that none of the accepted keys has signed, or that is over. */
  verify(token: string, now = Date.now()): Claims | undefined {
    const [header, payload, signature, ...rest] = token.split('.');
    if (!header || !payload || !signature || rest.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const genuine = this.key.accepted.some((key) => {
      const expected = signatureOf(`${header}.${payload}`, key);
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    if (!genuine || decode(header)['alg'] !== 'HS256') return undefined;
    const claims = decode(payload);
    return Number(claims['exp']) * 1000 > now ? claims : undefined;
  }
}
