import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { getSecretRefToken, type SecretRef } from 'nestjs-hcp-vault';

export const databaseModule = TypeOrmModule.forRootAsync({
  inject: [getSecretRefToken('DB')],
  useFactory: (db: SecretRef<{ username: string; password: string }>): TypeOrmModuleOptions => ({
    type: 'postgres',
    ...db.value,
    password: () => db.value.password,
    autoLoadEntities: true,
  }),
});
