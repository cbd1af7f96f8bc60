import { jest } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { Account } from './mikro-orm/account.entity.js';
import { ormProvider } from './mikro-orm/orm.provider.js';
import { postgresSide } from './support/postgres.side.js';
import { underRotation } from './support/under-rotation.js';

describeWith(['postgresql'], 'the recipe of MikroORM', () => {
  // Knex prints each connection that a server ends.
  beforeAll(() => void jest.spyOn(console, 'log').mockImplementation(() => undefined));
  afterAll(() => jest.restoreAllMocks());

  underRotation({
    recipe: 'MikroORM',
    page: 'mikro-orm.md',
    start: () =>
      postgresSide(({ database: dbName, application_name, ...at }) => ({
        ...at,
        dbName,
        driverOptions: { connection: { application_name } },
      })),
    app: () => ({ providers: [ormProvider] }),
    work: (app) => {
      const orm = app.get<Rotating<MikroORM>>('ORM');
      return () => orm.use(({ em }) => em.fork().findOneOrFail(Account, 'a'));
    },
  });
});
