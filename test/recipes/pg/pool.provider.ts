import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';
import pg from 'pg';

export const poolProvider = rotatingProvider({
  provide: 'POOL',
  secret: 'DB',
  create: (login) => new pg.Pool(login as pg.PoolConfig).on('error', () => undefined),
  validate: (pool) => pool.query('SELECT 1'),
  dispose: (pool) => pool.end(),
  rejects: rejectsOf.pg,
});
