import { JwtModule, JwtSecretRequestType } from '@nestjs/jwt';
import { getSecretRefToken, HcpVaultClient, type SecretRef } from 'nestjs-hcp-vault';
import { keyOf } from './signing-key.js';

export const jwtModule = JwtModule.registerAsync({
  inject: [getSecretRefToken('JWT_KEY', { overlap: '1h' }), HcpVaultClient],
  useFactory: (key: SecretRef<string>, secrets: HcpVaultClient) => ({
    secretOrKeyProvider: (type, token) =>
      type === JwtSecretRequestType.SIGN ? key.value : keyOf(String(token), key, secrets),
    signOptions: { algorithm: 'HS256', expiresIn: '1h' },
    verifyOptions: { algorithms: ['HS256'] },
  }),
});
