import { jest } from '@jest/globals';
import pg from 'pg';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { appRole, databaseCredentials } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import { startPostgres } from '../../servers/postgres.server.js';
import type { SealableVault } from '../../servers/vault.server.js';
import { createSealableVault } from '../../servers/vault.server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { App, until } from './support/app.js';
import { setRole, setUpAppRole, setUpDatabase } from './support/database.js';
import { closeSources, sourceOf } from './support/sources.js';

// Real servers, real leases of seconds: on a machine that is busy elsewhere a lease may end before its successor is there.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

describeOnEachVault(['postgresql'], 'vault() against %s and PostgreSQL: leases of two seconds', (product) => {
  let server: SealableVault;
  let postgres: PostgresServer;
  let client: VaultClient;
  let key: string;
  let app: App | undefined;

  beforeAll(async () => {
    [server, postgres] = await Promise.all([createSealableVault(product), startPostgres()]);
    client = clientTo({ address: server.address }, { tls: { ca: server.ca }, retry: false });
    const init = { secret_shares: 1, secret_threshold: 1 };
    const { data } = await client.write<{ keys_base64: string[]; root_token: string }>('sys/init', init);
    key = data.keys_base64[0]!;
    await client.sys.unseal(key);
    client.token = data.root_token;
    await until('Vault is active', async () => (await client.sys.health()).state === 'active');
    await client.sys.enableEngine('kv', { path: 'secret', options: { version: '2' } });
    await setUpDatabase(client, postgres);
  }, 60_000);
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await closeSources();
  }, 30_000);
  afterAll(async () => {
    await closeClients();
    await Promise.all([server?.destroy(), postgres?.stop()]);
  }, 30_000);

  async function source(times: { defaultTtl: string; maxTtl: string }, role: object) {
    await setRole(client, times);
    const { roleId, secretId } = await setUpAppRole(client, role);
    return sourceOf({
      address: server.address,
      tls: { ca: server.ca },
      auth: appRole({ roleId, secretId }),
      secrets: { DB: databaseCredentials('app') },
    });
  }

  const roles = async () => {
    const listed = await client.sys.leases.list('database/creds/app');
    return listed.data.keys.length;
  };

  // Fewer lives with OpenBao, for the time they take.
  const { first, all } = { vault: { first: 10, all: 21 }, openbao: { first: 4, all: 9 } }[product];

  test(`given an app that queries without a pause, when ${all - 1} leases and their tokens live and end, and Vault restarts, then no query fails`, async () => {
    // The lease can't be extended beyond its life, so that each brings new credentials.
    const made = await source({ defaultTtl: '2s', maxTtl: '2s' }, { token_ttl: '4s', token_max_ttl: '8s' });
    app = await App.start(made, postgres.port);
    app.begin();
    await until('the first lives', () => app!.load.users.size >= first, 40_000);
    // 0.7 s away at most: a lease of which a third is left can't outlive more.
    await setRole(client, { defaultTtl: '6s', maxTtl: '6s' });
    const before = app.load.users.size;
    await until('longer leases', () => app!.load.users.size > before + 1, 20_000);
    await server.stop('SIGKILL');
    await server.start();
    await client.sys.unseal(key);
    await until('Vault is active', async () => (await client.sys.health()).state === 'active');
    await setRole(client, { defaultTtl: '2s', maxTtl: '2s' });
    await until('all lives', () => app!.load.users.size >= all, 60_000);
    const { failures, queries } = await app.rest();
    expect(failures).toEqual([]);
    expect(queries).toBeGreaterThan(50 * all - 50);
    await app.close();
    // The tokens were revoked, and their leases with them; Vault takes its time for these.
    await until('no lease is left', async () => (await roles()) === 0);
  }, 150_000);

  const status = () => app!.client.status()[0];
  const tokenAccessors = async () => (await client.list('auth/token/accessors')).data.keys;

  test('given readers of every kind at work, when a lease is extended ten times, then it is one user, and there is no rotation', async () => {
    const made = await source({ defaultTtl: '2s', maxTtl: '10m' }, { token_ttl: '1h' });
    app = await App.start(made, postgres.port);
    const { client: secrets } = app;
    const types: string[] = [];
    const rotations: unknown[] = [];
    secrets.events$.subscribe(({ type }) => types.push(type));
    secrets.rotations$.subscribe((event) => rotations.push(event));
    const ref = secrets.ref<{ username: string }>('DB');
    const field = secrets.ref<string>('DB', { field: 'username' });
    const seen = new Set<string>();
    app.begin();
    const look = async (): Promise<boolean> => {
      const { username } = secrets.get<{ username: string }>('DB');
      seen.add(username).add(ref.value.username).add(field.value);
      seen.add((await secrets.fetch<{ username: string }>('DB')).username);
      await secrets.withSecret<{ username: string }, void>('DB', async (login) => void seen.add(login.username));
      return types.filter((type) => type === 'lease-renewed').length >= 10;
    };
    await until('ten renewals', look, 40_000);
    const { failures, users } = await app.rest();
    expect({ failures, users: users.size, seen: seen.size }).toEqual({ failures: [], users: 1, seen: 1 });
    expect(rotations).toEqual([]);
    expect(await roles()).toBe(1);
    const query = `SELECT count(*)::int AS users FROM pg_roles WHERE rolname LIKE 'v-%'`;
    const admin = new pg.Client(postgres.connectionString);
    await admin.connect();
    const { rows } = await admin.query<{ users: number }>(query);
    await admin.end();
    expect(rows).toEqual([{ users: 1 }]);
  }, 60_000);

  test('given tokens whose maximum is far below the lease, when they are replaced, then the secret is opened anew each time, and no query fails', async () => {
    const made = await source({ defaultTtl: '1h', maxTtl: '1h' }, { token_ttl: '3s', token_max_ttl: '3s' });
    app = await App.start(made, postgres.port);
    app.begin();
    await until('five tokens', () => app!.load.users.size >= 5, 20_000);
    expect((await app.rest()).failures).toEqual([]);
  }, 30_000);

  test('given an operator who revokes the lease, when the pool is refused, then work is repeated with new credentials', async () => {
    const made = await source({ defaultTtl: '2s', maxTtl: '1h' }, { token_ttl: '1h' });
    app = await App.start(made, postgres.port, { rejects: true });
    const first = await app.query();
    await client.sys.leases.revokePrefix('database/creds/app', { sync: true });
    await until('another user', () =>
      app!.query().then(
        (user) => user !== first,
        () => false,
      ),
    );
    expect(status()).not.toHaveProperty('lastError');
  }, 30_000);

  test('given an operator who revokes the token, when the pool is refused, then there is another login, and the secret is opened anew', async () => {
    const made = await source({ defaultTtl: '2s', maxTtl: '1h' }, { token_ttl: '1h' });
    const before = new Set(await tokenAccessors());
    app = await App.start(made, postgres.port, { rejects: true });
    const first = await app.query();
    for (const accessor of (await tokenAccessors()).filter((one) => !before.has(one))) {
      await client.write('auth/token/revoke-accessor', { accessor });
    }
    await until('another user', () =>
      app!.query().then(
        (user) => user !== first,
        () => false,
      ),
    );
    expect(status()).not.toHaveProperty('lastError');
    expect(status()).toMatchObject({ stale: false });
  }, 30_000);

  test('given an operator who revokes lease or token, when nobody notices, then the next renewal does', async () => {
    const made = await source({ defaultTtl: '2s', maxTtl: '1h' }, { token_ttl: '1h' });
    const before = new Set(await tokenAccessors());
    app = await App.start(made, postgres.port);
    const current = () => app!.client.get<{ username: string }>('DB').username;
    const first = current();
    await client.sys.leases.revokePrefix('database/creds/app', { sync: true });
    await until('another user', () => current() !== first);
    const second = current();
    for (const accessor of (await tokenAccessors()).filter((one) => !before.has(one))) {
      await client.write('auth/token/revoke-accessor', { accessor });
    }
    await until('a third user', () => current() !== second);
    // The pool of it is built and validated first.
    await until('the pool follows', () =>
      app!.query().then(
        (user) => user === current(),
        () => false,
      ),
    );
  }, 30_000);

  test('given Vault sealed, then unsealed, when the app asks, then its values stay, status() tells, and it recovers by itself', async () => {
    const made = await source({ defaultTtl: '6s', maxTtl: '1h' }, { token_ttl: '1h' });
    app = await App.start(made, postgres.port);
    app.begin();
    const first = await app.query();
    await client.sys.seal();
    expect((await app.client.refresh('DB')).failed).toMatchObject([{ name: 'DB' }]);
    expect(status()).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    expect(JSON.stringify(status())).toMatch(/sealed/);
    expect(await app.query()).toBe(first);
    await client.sys.unseal(key);
    await until('recovery', () => !('lastError' in status()!) || status()!.lastError === undefined);
    expect((await app.rest()).failures).toEqual([]);
  }, 30_000);

  test('given Vault killed, then started and unsealed, when the app asks, then its values stay, status() tells, and it recovers by itself', async () => {
    const made = await source({ defaultTtl: '10s', maxTtl: '1h' }, { token_ttl: '1h' });
    app = await App.start(made, postgres.port);
    app.begin();
    const first = await app.query();
    await server.stop('SIGKILL');
    await app.client.refresh('DB');
    expect(status()).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    expect(await app.query()).toBe(first);
    await server.start();
    await client.sys.unseal(key);
    await until('recovery', () => status()!.lastError === undefined);
    expect((await app.rest()).failures).toEqual([]);
  }, 40_000);
});
