import { createPool, type PoolOptions } from 'mysql2/promise';
import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';

export const poolProvider = rotatingProvider({
  provide: 'POOL',
  secret: 'DB',
  create: (login) => createPool(login as PoolOptions),
  validate: (pool) => pool.query('SELECT 1'),
  dispose: (pool) => pool.end(),
  rejects: rejectsOf.mysql,
});
