import pg from 'pg';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { staticDatabaseCredentials, token } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { App, until } from './support/app.js';
import { startVaultWithDatabase } from './support/database.js';
import { closeSources, sourceOf } from './support/sources.js';

describeOnEachVault(
  ['postgresql'],
  'vault() against %s and PostgreSQL: a user whose password is rotated',
  (product) => {
    let server: VaultServer;
    let postgres: PostgresServer;
    let client: VaultClient;
    let stop: (() => Promise<void>) | undefined;
    let app: App | undefined;

    beforeAll(async () => {
      ({ server, postgres, client, stop } = await startVaultWithDatabase(product));
      const admin = new pg.Client({ connectionString: postgres.connectionString });
      await admin.connect();
      await admin.query(`CREATE ROLE "batch" WITH LOGIN PASSWORD 'canary-first'`);
      await admin.end();
    }, 60_000);
    afterAll(async () => {
      await app?.close();
      await closeSources();
      await stop?.();
    }, 30_000);

    test('given a password that Vault rotates every few seconds, when its time is over, then it is read again without being asked, and no query fails', async () => {
      // The shortest that Vault takes.
      await client.write('database/static-roles/batch', { db_name: 'pg', username: 'batch', rotation_period: '5s' });
      const source = sourceOf({
        address: server.address,
        auth: token(server.token),
        secrets: { DB: staticDatabaseCredentials('batch') },
      });
      app = await App.start(source, postgres.port, { rejects: true });
      const passwords = new Set<string>();
      const note = () => passwords.add(app!.client.get<{ password: string }>('DB').password);
      note();
      app.client.rotations$.subscribe(note);
      app.begin();
      await until('two rotations', () => passwords.size >= 3, 30_000);
      const { failures, users } = await app.rest();
      expect({ failures, users: [...users] }).toEqual({ failures: [], users: ['batch'] });
      expect(app.client.status()[0]).not.toHaveProperty('lastError');
    }, 45_000);
  },
);
