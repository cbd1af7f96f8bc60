import pg from 'pg';
import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import { isVaultError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import { startPostgres } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { until } from '../vault-source/support/app.js';
import { connectDatabase } from '../vault-source/support/database.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

describeOnEachVault(['postgresql'], 'VaultClient against %s: database, with PostgreSQL', (product) => {
  let server: VaultServer;
  let postgres: PostgresServer;
  let client: VaultClient;

  /** Runs SQL as a user, the superuser unless one is given, and gives the first value of the answer. */
  async function query(sql: string, as?: { username: string; password: string }): Promise<unknown> {
    const url = new URL(postgres.connectionString);
    if (as) [url.username, url.password] = [as.username, as.password].map(encodeURIComponent) as [string, string];
    const connection = new pg.Client({ connectionString: url.href });
    await connection.connect();
    try {
      return ((await connection.query({ text: sql, rowMode: 'array' })).rows as unknown[][])[0]?.[0];
    } finally {
      await connection.end();
    }
  }

  beforeAll(async () => {
    [server, postgres] = await Promise.all([startDevVault(product), startPostgres()]);
    client = clientTo(server);
    await client.sys.enableEngine('database');
    await connectDatabase(client, postgres);
    await client.write('database/roles/app', {
      db_name: 'pg',
      creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
      default_ttl: '1h',
      max_ttl: '24h',
    });
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await Promise.all([server?.stop(), postgres?.stop()]);
  });

  test('given a role, when credentials are generated, then the database takes them for as long as they are leased', async () => {
    const { data, leaseId, leaseDuration, renewable } = await client.database.generateCredentials('app');
    expect({ leaseId, leaseDuration, renewable }).toEqual({
      leaseId: expect.stringMatching(/^database\/creds\/app\//),
      leaseDuration: 3600,
      renewable: true,
    });
    expect(await query('select current_user', data)).toBe(data.username);

    const renewed = await client.sys.leases.renew(leaseId, { increment: '2h' });
    expect(renewed).toMatchObject({ leaseId, leaseDuration: 7200, renewable: true });
    expect((await client.sys.leases.lookup(leaseId)).data.ttl).toBeGreaterThan(7000);

    await client.sys.leases.revoke(leaseId, { sync: true });
    await expect(query('select 1', data)).rejects.toThrow(/authentication failed/);
  });

  test('given a lease past its maximum, when renewed, then 400; so it is once revoked', async () => {
    const role = { db_name: 'pg', creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'`] };
    await client.write('database/roles/brief', { ...role, default_ttl: '1h', max_ttl: '2h' });
    const { leaseId } = await client.database.generateCredentials('brief');
    const { issue_time: issued } = (await client.sys.leases.lookup(leaseId)).data;
    await client.write('database/roles/brief', { ...role, default_ttl: '1s', max_ttl: '1s' });
    await until('the new maximum is past', () => Date.now() > Date.parse(issued) + 1_500);
    const renewal = { increment: '1h' };
    const once = clientTo(server, { retry: false });
    const past = await failureOf<VaultError>(once.sys.leases.renew(leaseId, renewal));
    expect(past).toMatchObject({ status: 400, message: expect.stringContaining('past the max TTL, cannot renew') });
    await client.sys.leases.revoke(leaseId, { sync: true });
    const gone = await failureOf<VaultError>(once.sys.leases.renew(leaseId, renewal));
    expect(gone).toMatchObject({ status: 400, errors: ['lease not found'] });
  });

  test('given two calls, when answered, then two users; a prefix revokes both', async () => {
    const [one, two] = await Promise.all([
      client.database.generateCredentials('app'),
      client.database.generateCredentials('app'),
    ]);
    expect(one?.data.username).not.toBe(two?.data.username);
    await client.sys.leases.revokePrefix('database/creds/app', { sync: true });
    await expect(query('select 1', one?.data)).rejects.toThrow(/authentication failed/);
    expect((await client.sys.leases.list('database/creds/app')).data.keys).toEqual([]);
  });

  test('given a static role, when read, then Vault’s password for that user, without a lease', async () => {
    await query(`CREATE ROLE "batch" WITH LOGIN PASSWORD 'canary-first'`);
    await client.write('database/static-roles/batch', { db_name: 'pg', username: 'batch', rotation_period: '24h' });
    const { data, leaseId } = await client.database.readStaticCredentials('batch');
    expect(leaseId).toBe('');
    expect(data).toMatchObject({ username: 'batch', rotation_period: 86400, ttl: expect.any(Number) });
    expect(await query('select current_user', data)).toBe('batch');
    await client.write('database/rotate-role/batch');
    expect((await client.database.readStaticCredentials('batch')).data.password).not.toBe(data.password);
  });

  test('given an unknown role, or another mount, when asked, then Vault’s error', async () => {
    const unknown = await failureOf(client.database.generateCredentials('none'));
    expect(isVaultError(unknown)).toBe(true);
    expect(unknown.message).toContain('unknown role: none');
    await expect(client.database.readStaticCredentials('none')).rejects.toMatchObject({ status: 400 });
    await expect(client.database.generateCredentials('app', { mount: 'other' })).rejects.toMatchObject({ status: 404 });
  });
});
