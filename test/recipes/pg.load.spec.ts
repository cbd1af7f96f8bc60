import type pg from 'pg';
import type { Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { Accounts } from './pg/accounts.service.js';
import { poolProvider } from './pg/pool.provider.js';
import { postgresSide } from './support/postgres.side.js';
import { underRotation } from './support/under-rotation.js';

describeWith(['postgresql'], 'the recipe of pg whose pool is swapped', () => {
  underRotation({
    recipe: 'pg, the pool is swapped',
    page: 'pg.md',
    start: postgresSide,
    app: () => ({ providers: [poolProvider] }),
    work: (app) => {
      const pool = app.get<Rotating<pg.Pool>>('POOL');
      return () => pool.use((connections) => connections.query('SELECT balance FROM account'));
    },
  });
});

describeWith(['postgresql'], 'the recipe of pg whose pool stays', () => {
  underRotation({
    recipe: 'pg, the pool has a password function',
    page: 'pg.md',
    start: postgresSide,
    app: () => ({ providers: [Accounts] }),
    work: (app) => () => app.get(Accounts).query('SELECT balance FROM account'),
    except: { 'users by turns': 'the user is fixed' },
  });
});
