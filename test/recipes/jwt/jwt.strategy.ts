import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { HcpVaultClient, InjectSecretRef, type SecretRef } from 'nestjs-hcp-vault';
import { ExtractJwt, Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { keyOf } from './signing-key.js';

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(@InjectSecretRef('JWT_KEY', { overlap: '1h' }) key: SecretRef<string>, secrets: HcpVaultClient) {
    const secretOrKeyProvider: SecretOrKeyProvider = (_request, token: string, done) =>
      void keyOf(token, key, secrets).then((found) => done(null, found), done);
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), algorithms: ['HS256'], secretOrKeyProvider });
  }
  validate = (claims: { sub: string }) => ({ id: claims.sub });
}
