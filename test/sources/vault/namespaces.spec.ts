import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import {
  appRole,
  databaseCredentials,
  VaultInvalidPathError,
  VaultInvalidRequestError,
} from '../../../lib/sources/vault/index.js';
import { describeWith } from '../../servers/available.js';
import { startPostgres, type PostgresServer } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { until } from '../vault-source/support/app.js';
import { setRole, setUpAppRole, setUpDatabase } from '../vault-source/support/database.js';
import { closeSources, context, outcomeOf, sourceOf, valueOf, versionOf } from '../vault-source/support/sources.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { kvReady } from './support/kv-ready.js';

// OpenBao alone: HashiCorp Vault has namespaces in its Enterprise edition only.
describeWith(['OpenBao'], 'namespaces of OpenBao', () => {
  let server: VaultServer;
  let root: VaultClient;
  /** Of the namespaces `team` and `team/sub`, as root. */
  let team: VaultClient;
  let sub: VaultClient;
  const stranger = (namespace: string) => clientTo({ address: server.address }, { namespace });

  beforeAll(async () => {
    server = await startDevVault('openbao');
    root = clientTo(server);
    await root.write('sys/namespaces/team');
    team = clientTo(server, { namespace: 'team' });
    await team.write('sys/namespaces/sub');
    sub = clientTo(server, { namespace: '/team/sub/' });
    for (const client of [team, sub]) {
      await client.sys.enableEngine('kv', { path: 'secret', options: { version: '2' } });
      await kvReady(client);
      await client.sys.createOrUpdatePolicy('app', 'path "secret/*" { capabilities = ["read", "list"] }');
    }
    await team.kv.v2.createOrUpdate('app/db', { password: 'canary-of-team' });
    await sub.kv.v2.createOrUpdate('app/db', { password: 'canary-of-sub' });
  });
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given namespaces, when made, read, patched, listed and deleted, then so it is, each below the client’s own', async () => {
    const { namespaces } = root.sys;
    const { data } = await namespaces.create('shop', { customMetadata: { owner: 'a', cost: '1' } });
    expect(data).toMatchObject({ path: 'shop/', custom_metadata: { owner: 'a', cost: '1' } });
    await namespaces.patch('/shop/', { customMetadata: { cost: null, team: 'b' } });
    expect((await namespaces.read('shop')).data.custom_metadata).toEqual({ owner: 'a', team: 'b' });
    expect((await namespaces.list()).data).toMatchObject({
      keys: expect.arrayContaining(['shop/', 'team/']),
      key_info: { 'shop/': { id: data.id } },
    });
    const inside = root.withNamespace('shop').sys.namespaces;
    expect((await inside.list()).data.keys).toEqual([]);
    await inside.create('north');
    expect((await inside.list()).data.keys).toEqual(['north/']);
    await expect(namespaces.delete('shop')).rejects.toThrow('unable to delete namespace containing child namespaces');
    await inside.delete('north');
    await until('the child is gone', async () => (await inside.list()).data.keys.length === 0);
    await namespaces.delete('shop');
    await until('the namespace is gone', async () => (await namespaces.list()).data.keys.length === 1);
    await expect(namespaces.read('shop')).rejects.toBeInstanceOf(VaultInvalidPathError);
    await expect(namespaces.create('a/b')).rejects.toThrow('namespace name cannot contain /');
  });

  test('given a client with a namespace, when it reads, writes and lists, then inside it alone', async () => {
    expect((await team.kv.v2.read('app/db')).data.data).toEqual({ password: 'canary-of-team' });
    expect((await sub.kv.v2.read('app/db')).data.data).toEqual({ password: 'canary-of-sub' });
    expect((await team.kv.v2.list()).data.keys).toEqual(['app/']);
    expect((await root.kv.v2.list()).data.keys).toEqual([]);
    await expect(root.kv.v2.read('app/db')).rejects.toBeInstanceOf(VaultInvalidPathError);
    expect((await root.read<{ data: unknown }>('team/secret/data/app/db')).data.data).toEqual({
      password: 'canary-of-team',
    });
    expect((await team.sys.listPolicies()).data.keys).toContain('app');
    expect((await root.sys.listPolicies()).data.keys).not.toContain('app');
  });

  test('given health and seal, when a client with a namespace asks, then those of the whole server', async () => {
    expect(await team.sys.health()).toMatchObject({ state: 'active' });
    expect((await team.sys.sealStatus()).data.sealed).toBe(false);
  });

  test('given a namespace that is not there, when asked, then 404 with OpenBao’s text', async () => {
    const error = await failureOf<VaultError>(clientTo(server, { namespace: 'nowhere' }).kv.v2.read('app/db'));
    expect(error).toBeInstanceOf(VaultInvalidPathError);
    expect(error.errors).toEqual(['namespace not found']);
  });

  test('given a token of a namespace, when used in another, then it is denied', async () => {
    const { auth } = await team.auth.token.create({ policies: ['app'] });
    const of = (namespace?: string) => clientTo({ address: server.address, token: auth.client_token }, { namespace });
    expect((await of('team').kv.v2.read('app/db')).data.data).toEqual({ password: 'canary-of-team' });
    await expect(of().kv.v2.read('app/db')).rejects.toMatchObject({ status: 403 });
    await expect(of('team/sub').kv.v2.read('app/db')).rejects.toMatchObject({ status: 403 });
  });

  test('given a wrapped secret ID, when unwrapped in its namespace, then the client logs in there; its creation path tells no namespace', async () => {
    const { roleId } = await setUpAppRole(sub, { token_ttl: '1h' });
    const { wrapInfo } = await sub.withWrapping('60s').auth.appRole.generateSecretId('app');
    expect(wrapInfo.creation_path).toBe('auth/approle/role/app/secret-id');
    const client = stranger('team/sub');
    await expect(client.auth.appRole.unwrapSecretId(wrapInfo.token, { role: 'other' })).rejects.toThrow(
      'was not made by',
    );
    const secretId = await client.auth.appRole.unwrapSecretId(wrapInfo.token, { role: 'app' });
    await client.auth.appRole.login({ roleId, secretId });
    expect((await client.kv.v2.read('app/db')).data.data).toEqual({ password: 'canary-of-sub' });
    await expect(client.auth.appRole.unwrapSecretId(wrapInfo.token)).rejects.toBeInstanceOf(VaultInvalidRequestError);
  });

  test('given a secret ID of a role of the same name in another namespace, when used, then the login refuses it', async () => {
    const { roleId } = await setUpAppRole(team, { token_ttl: '1h' });
    await setUpAppRole(sub, { token_ttl: '1h' });
    const { wrapInfo } = await sub.withWrapping('60s').auth.appRole.generateSecretId('app');
    const client = stranger('team');
    // The lookup can't tell the two apart.
    const secretId = await client.auth.appRole.unwrapSecretId(wrapInfo.token, { role: 'app' });
    await expect(client.auth.appRole.login({ roleId, secretId })).rejects.toMatchObject({ status: 400 });
  });

  test('given vault() with a namespace, when it logs in with a wrapped secret ID, reads and closes, then all of it inside', async () => {
    const { roleId } = await setUpAppRole(team, { token_ttl: '1h' });
    const { wrapInfo } = await team.withWrapping('60s').auth.appRole.generateSecretId('app');
    const file = join(mkdtempSync(join(tmpdir(), 'vault-wrapped-')), 'token');
    writeFileSync(file, wrapInfo.token);
    const accessors = async () => (await team.list('auth/token/accessors')).data.keys;
    const before = new Set(await accessors());
    const source = sourceOf({
      address: server.address,
      namespace: 'team',
      auth: appRole({ roleId, secretId: { file }, wrapped: { role: 'app' } }),
      kv: { prefix: 'app' },
    });
    expect(await source.list(undefined, context())).toEqual(['db']);
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-of-team' });
    const made = (await accessors()).filter((one) => !before.has(one));
    expect(made).toHaveLength(1);
    await team.write('auth/token/revoke-accessor', { accessor: made[0] });
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-of-team' }); // by another login
    await source.close();
    expect((await accessors()).filter((one) => !before.has(one))).toEqual([]);
  });

  test('given vault() with a namespace that is not there, when read, then the login fails, and nothing is said to be absent', async () => {
    const { roleId, secretId } = await setUpAppRole(team, { token_ttl: '1h' });
    const auth = appRole({ roleId, secretId });
    const source = sourceOf({ address: server.address, namespace: 'nowhere', auth, kv: { prefix: 'app' } });
    expect(await outcomeOf(source, 'db')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
  });

  describeWith(['postgresql'], 'with PostgreSQL', () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
      await setUpDatabase(team, postgres);
      await setRole(team, { defaultTtl: '1h', maxTtl: '24h' });
    }, 60_000);
    afterAll(() => postgres?.stop());

    test('given leased credentials, when opened, extended and revoked, then in the namespace', async () => {
      const source = sourceOf({
        address: server.address,
        namespace: 'team',
        auth: appRole(await setUpAppRole(team, { token_ttl: '1h' })),
        secrets: { DB: databaseCredentials('app') },
      });
      const { lease } = await versionOf(source, 'DB');
      expect(lease).toMatchObject({ duration: 3_600_000, renewable: true });
      expect(await source.renew(lease!, context())).toMatchObject({ id: lease!.id, duration: 3_600_000 });
      const leases = async () => (await team.sys.leases.list('database/creds/app')).data.keys;
      expect(await leases()).toHaveLength(1);
      await source.close(); // the token takes its lease along
      await until('the lease has ended', async () => (await leases()).length === 0);
    });
  });
});
