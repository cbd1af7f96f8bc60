import type { Pool } from 'mysql2/promise';
import type { Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { poolProvider } from './mysql2/pool.provider.js';
import { mariaDbSide } from './support/mariadb.side.js';
import { underRotation } from './support/under-rotation.js';

describeWith(['MariaDB'], 'the recipe of mysql2', () => {
  underRotation({
    recipe: 'mysql2',
    page: 'mysql2.md',
    start: mariaDbSide,
    app: () => ({ providers: [poolProvider] }),
    work: (app) => {
      const pool = app.get<Rotating<Pool>>('POOL');
      return () => pool.use((connections) => connections.query('SELECT balance FROM account'));
    },
  });
});
