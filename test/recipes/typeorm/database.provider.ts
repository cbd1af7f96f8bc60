import { rotatingProvider } from 'nestjs-hcp-vault';
import { DataSource } from 'typeorm';
import { Account } from './account.entity.js';

export interface DbCredentials {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Token of the `Rotating<DataSource>`. */
export const DATABASE = 'DATABASE';

/** PostgreSQL's `invalid_password`; TypeORM hands the driver's code on. */
const isRefused = (error: unknown): boolean => (error as { code?: unknown }).code === '28P01';

export const databaseProvider = rotatingProvider<DataSource, 'DB'>({
  provide: DATABASE,
  secret: 'DB',
  create: (secret) => {
    const { host, port, user: username, password } = secret as DbCredentials;
    return new DataSource({
      type: 'postgres',
      host,
      port,
      username,
      password,
      database: 'postgres',
      entities: [Account],
    }).initialize();
  },
  validate: (database) => database.query('SELECT 1'),
  dispose: (database) => database.destroy(),
  rejects: isRefused,
});
