import type pg from 'pg';
import type { Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
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
