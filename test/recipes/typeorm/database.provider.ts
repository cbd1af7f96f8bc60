import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';
import { DataSource } from 'typeorm';
import { Account } from './account.entity.js';

export const databaseProvider = rotatingProvider({
  provide: 'DATABASE',
  secret: 'DB', // { host, port, database, username, password }
  create: (login) => new DataSource({ type: 'postgres', ...(login as object), entities: [Account] }).initialize(),
  validate: (database) => database.query('SELECT 1'),
  dispose: (database) => database.destroy(),
  rejects: rejectsOf.pg,
});
