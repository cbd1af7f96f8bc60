import type { SecretEvent } from 'nestjs-hcp-vault';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { appRole, databaseCredentials } from '../../../lib/sources/vault/index.js';
import { describeWith } from '../../servers/available.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { App, until } from './support/app.js';
import { setRole, setUpAppRole, startVaultWithDatabase } from './support/database.js';
import { closeSources, sourceOf } from './support/sources.js';

describeWith(['vault', 'postgresql'], 'vault() with `revokeOld`, against Vault and PostgreSQL', () => {
  let server: VaultServer;
  let postgres: PostgresServer;
  let client: VaultClient;
  let stop: (() => Promise<void>) | undefined;
  let app: App | undefined;
  let events: SecretEvent[];
  const leases = async () => (await client.sys.leases.list('database/creds/app')).data.keys;
  const types = () => events.map(({ type }) => type);

  beforeAll(async () => {
    ({ server, postgres, client, stop } = await startVaultWithDatabase());
    await setRole(client, { defaultTtl: '1h', maxTtl: '24h' });
    const policy = 'path "sys/leases/revoke" { capabilities = ["update"] }';
    await client.sys.createOrUpdatePolicy('ends-leases', policy);
  }, 60_000);
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await closeSources();
  });
  afterAll(async () => {
    await stop?.();
  });

  async function start(policies: readonly string[], role: object = {}, revokeOld = true): Promise<App> {
    const { roleId, secretId } = await setUpAppRole(client, { token_ttl: '1h', token_policies: policies, ...role });
    app = await App.start(
      sourceOf({
        address: server.address,
        auth: appRole({ roleId, secretId }),
        secrets: { DB: databaseCredentials('app') },
        revokeOld,
      }),
      postgres.port,
    );
    events = [];
    app.client.events$.subscribe((event) => events.push(event));
    return app;
  }

  test('given a pool under load, when its credentials are replaced, then the old lease is revoked once the pool has drained, and no query fails', async () => {
    const running = await start(['app', 'ends-leases']);
    running.begin();
    for (let rotations = 1; rotations <= 3; rotations += 1) {
      const [old] = await leases();
      await running.client.refresh('DB');
      await until('the old lease has ended', async () => !(await leases()).includes(old!));
    }
    const { failures, users } = await running.rest();
    expect(failures).toEqual([]);
    expect(users.size).toBeGreaterThan(1);
    expect(await leases()).toHaveLength(1);
    expect(types().filter((type) => type === 'lease-released')).toHaveLength(3);
  }, 30_000);

  test('given a query of some length, when its credentials are replaced, then they live as long as it runs', async () => {
    const running = await start(['app', 'ends-leases']);
    const [old] = await leases();
    const query = running.query(1);
    await running.client.refresh('DB');
    expect(await leases()).toContain(old);
    await expect(query).resolves.toEqual(expect.any(String));
    await until('the old lease has ended', async () => !(await leases()).includes(old!));
  });

  test('given a token at its maximum, when another took its place, and what it leased is in use no more, then it is revoked before its own end, and no query fails', async () => {
    const running = await start(['app', 'ends-leases'], { token_ttl: '6s', token_max_ttl: '6s' });
    running.begin();
    // Told of a token that Vault revoked: one that is past its end can't be.
    await until('the old token is revoked', () => types().includes('token-revoked'));
    expect(types().filter((type) => type !== 'lease-renewed')).toEqual([
      'token-renewed', // by less than was asked for
      'logged-in',
      'leases-ending',
      'lease-ending',
      'rotated',
      'lease-released',
      'token-revoked',
    ]);
    await until('Vault has ended what it leased', async () => (await leases()).length === 1);
    const { failures, users } = await running.rest();
    expect({ failures, users: users.size }).toEqual({ failures: [], users: 2 });
  }, 30_000);

  test('given a policy that does not let leases be ended, when credentials are replaced, then they run to their own end, and events say why', async () => {
    const running = await start(['app']);
    const [old] = await leases();
    await running.client.refresh('DB');
    await until('the refusal', () => types().includes('lease-release-failed'));
    expect(await leases()).toContain(old);
    expect(events.find(({ type }) => type === 'lease-release-failed')?.error).toMatchObject({
      code: 'SECRET_ACCESS_DENIED',
    });
    await running.close();
    await until('the token took its leases along', async () => (await leases()).length === 0);
  });

  test('given the default, when credentials are replaced, then the old ones live on', async () => {
    const running = await start(['app', 'ends-leases'], {}, false);
    const [old] = await leases();
    await running.client.refresh('DB');
    const now = () => running.client.get<{ username: string }>('DB').username;
    await until('the pool follows', async () => (await running.query()) === now());
    expect(await leases()).toContain(old);
  });
});
