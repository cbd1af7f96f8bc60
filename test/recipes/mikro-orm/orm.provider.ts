import { MikroORM, type Options } from '@mikro-orm/postgresql';
import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';
import { accountSchema } from './account.entity.js';

export const ormProvider = rotatingProvider({
  provide: 'ORM',
  secret: 'DB',
  create: (login) => MikroORM.init({ ...(login as Options), entities: [accountSchema], logger: () => undefined }),
  validate: (orm) => orm.em.getConnection().execute('SELECT 1'),
  dispose: (orm) => orm.close(true),
  rejects: rejectsOf.pg,
});
