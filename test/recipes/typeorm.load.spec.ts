import { TypeOrmModule } from '@nestjs/typeorm';
import { describeWith } from '../servers/available.js';
import { postgresSide } from './support/postgres.side.js';
import { underRotation } from './support/under-rotation.js';
import { Account } from './typeorm/account.entity.js';
import { Accounts } from './typeorm/accounts.service.js';
import { databaseModule } from './typeorm/database.module.js';
import { databaseProvider } from './typeorm/database.provider.js';
import { Ledger } from './typeorm/ledger.service.js';

const start = () =>
  postgresSide(({ user: username, application_name: applicationName, ...at }) => ({
    ...at,
    username,
    applicationName,
  }));

describeWith(['postgresql'], 'the recipe of TypeORM whose DataSource is swapped', () => {
  underRotation({
    recipe: 'TypeORM, the `DataSource` is swapped',
    page: 'typeorm.md',
    start,
    app: () => ({ providers: [databaseProvider, Accounts] }),
    work: (app) => () => app.get(Accounts).balanceOf('a'),
  });
});

describeWith(['postgresql'], 'the recipe of TypeORM whose repositories stay', () => {
  underRotation({
    recipe: 'TypeORM, `@InjectRepository` with a password function',
    page: 'typeorm.md',
    start,
    app: () => ({ imports: [databaseModule, TypeOrmModule.forFeature([Account])], providers: [Ledger] }),
    work: (app) => () => app.get(Ledger).find('a'),
    except: { 'users by turns': 'the user is fixed' },
  });
});
