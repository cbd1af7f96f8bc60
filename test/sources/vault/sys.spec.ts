import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import { VaultInvalidPathError, VaultInvalidRequestError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

describeOnEachVault([], 'VaultClient against %s: sys', (product) => {
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
  });
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given engines, when enabled, listed and disabled, then so it is', async () => {
    const before = (await client.sys.listMounts()).data;
    expect(before['secret/']).toMatchObject({ type: 'kv', options: { version: '2' } });
    await client.sys.enableEngine('transit');
    await client.sys.enableEngine('kv', {
      path: 'team/kv/',
      description: 'ours',
      config: { default_lease_ttl: '1h' },
      options: { version: '1' },
    });
    const { data } = await client.sys.listMounts();
    expect(data['transit/']?.type).toBe('transit');
    expect(data['team/kv/']).toMatchObject({ description: 'ours', config: { default_lease_ttl: 3600 } });
    await expect(client.sys.enableEngine('transit')).rejects.toMatchObject({ status: 400, path: 'sys/mounts/transit' });
    await client.sys.disableEngine('team/kv/');
    await client.sys.disableEngine('transit');
    expect(Object.keys((await client.sys.listMounts()).data)).toEqual(Object.keys(before));
  });

  test('given auth methods, when enabled, listed and disabled, then so it is', async () => {
    await client.sys.enableAuthMethod('userpass', { path: 'people', description: 'ours' });
    expect((await client.sys.listAuthMethods()).data).toMatchObject({
      'token/': { type: 'token' },
      'people/': { type: 'userpass', description: 'ours' },
    });
    await client.sys.disableAuthMethod('people');
    expect((await client.sys.listAuthMethods()).data).not.toHaveProperty('people/');
  });

  test('given an audit device, when enabled, listed and disabled, then so it is', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'audit-')), 'audit.log');
    expect((await client.sys.listAuditDevices()).data).toEqual({});
    await client.sys.enableAuditDevice('file', { path: 'to-file', options: { file_path: file }, description: 'ours' });
    expect((await client.sys.listAuditDevices()).data).toMatchObject({
      'to-file/': { type: 'file', options: { file_path: file }, description: 'ours' },
    });
    await client.sys.disableAuditDevice('to-file');
    expect((await client.sys.listAuditDevices()).data).toEqual({});
  });

  test('given policies, when written as HCL or as an object, read, listed and deleted, then so it is', async () => {
    const hcl = 'path "secret/data/a" { capabilities = ["read"] }';
    await client.sys.createOrUpdatePolicy('as-hcl', hcl);
    await client.sys.createOrUpdatePolicy('team/as-object', { path: { 'secret/data/b': { capabilities: ['list'] } } });
    const read = (await client.sys.readPolicy('as-hcl')).data;
    if (product === 'vault') expect(read).toEqual({ name: 'as-hcl', policy: hcl });
    else
      expect(read).toMatchObject({ name: 'as-hcl', policy: hcl, version: 1, modified: expect.stringMatching(/^20/) });
    expect(JSON.parse((await client.sys.readPolicy('team/as-object')).data.policy)).toHaveProperty('path');
    expect((await client.sys.listPolicies()).data.keys).toEqual(
      expect.arrayContaining(['as-hcl', 'team/as-object', 'default']),
    );
    await client.sys.deletePolicy('as-hcl');
    await expect(client.sys.readPolicy('as-hcl')).rejects.toBeInstanceOf(VaultInvalidPathError);
    await expect(client.sys.createOrUpdatePolicy('bad', 'path {')).rejects.toBeInstanceOf(VaultInvalidRequestError);
  });

  test('given a token, when its capabilities are asked for, then Vault tells them by path', async () => {
    await client.sys.createOrUpdatePolicy('reader', 'path "secret/data/a" { capabilities = ["read"] }');
    const { auth } = await client.auth.token.create({ policies: ['reader'] });
    const reader = clientTo({ address: server.address, token: auth.client_token });
    expect((await reader.sys.capabilitiesSelf(['secret/data/a', 'sys/seal'])).data).toMatchObject({
      'secret/data/a': ['read'],
      'sys/seal': ['deny'],
    });
    expect((await reader.sys.capabilitiesSelf('secret/data/a')).data['capabilities']).toEqual(['read']);
  });

  test('given a development server, when asked for health and seal, then it is active and open, without a token', async () => {
    const stranger = clientTo({ address: server.address });
    expect(await stranger.sys.health()).toMatchObject({
      status: 200,
      state: 'active',
      data: { initialized: true, sealed: false, standby: false, version: expect.stringMatching(/^\d/) },
    });
    expect((await stranger.sys.sealStatus()).data).toMatchObject({ sealed: false, initialized: true, type: 'shamir' });
  });

  describe('leases', () => {
    const path = 'pki/issue/leased';

    beforeAll(async () => {
      await client.sys.enableEngine('pki');
      await client.write('pki/root/generate/internal', { common_name: 'Lease CA', ttl: '24h' });
      await client.write('pki/roles/leased', {
        allow_any_name: true,
        generate_lease: true,
        ttl: '1h',
        key_type: 'ec',
        key_bits: 256,
      });
    });
    const issue = async () => (await client.pki.issue('leased', { commonName: 'a.test' })).leaseId;

    test('given a lease, when looked up, listed and revoked, then so it is', async () => {
      const lease = await issue();
      expect(lease).toMatch(/^pki\/issue\/leased\//);
      expect((await client.sys.leases.lookup(lease)).data).toMatchObject({ id: lease, renewable: false });
      expect((await client.sys.leases.list(path)).data.keys).toContain(lease.split('/').at(-1));
      expect((await client.sys.leases.list('pki/')).data.keys).toEqual(['issue/']);
      await client.sys.leases.revoke(lease, { sync: true });
      const error = await failureOf<VaultError>(client.sys.leases.lookup(lease));
      expect([error.status, error.errors]).toEqual([400, ['invalid lease']]);
      expect((await client.sys.leases.list('pki/issue/none')).data).toEqual({ keys: [] });
    });

    test('given a lease that can’t be renewed, when renewed, then 400', async () => {
      const lease = await issue();
      await expect(client.sys.leases.renew(lease, { increment: '10m' })).rejects.toMatchObject({ status: 400 });
    });

    test('given a prefix, when revoked, by force or not, then its leases are gone', async () => {
      await issue();
      await client.sys.leases.revokePrefix(path, { sync: true });
      expect((await client.sys.leases.list(path)).data.keys).toEqual([]);
      await issue();
      await client.sys.leases.revokeForce(`${path}/`);
      expect((await client.sys.leases.list(path)).data.keys).toEqual([]);
    });

    test('given an asynchronous revocation, when Vault answers 202 or 204 with nothing, then it is a success', async () => {
      expect((await client.sys.leases.revoke(await issue())).data).toBeNull();
    });
  });

  describe('wrapping', () => {
    test('given data, when wrapped, looked up and unwrapped, then once', async () => {
      const wrapped = await client.sys.wrapping.wrap({ some_key: 'canary-wrapped' }, { ttl: '2m' });
      expect(wrapped.data).toBeNull();
      expect(wrapped.wrapInfo).toMatchObject({ ttl: 120, creation_path: 'sys/wrapping/wrap' });
      const stranger = clientTo({ address: server.address });
      const { token } = wrapped.wrapInfo;
      expect((await stranger.sys.wrapping.lookup(token)).data).toMatchObject({
        creation_path: 'sys/wrapping/wrap',
        creation_ttl: 120,
      });
      expect((await stranger.sys.wrapping.unwrap(token)).data).toEqual({ some_key: 'canary-wrapped' });
      const error = await failureOf<VaultError>(stranger.sys.wrapping.unwrap(token));
      expect(error.status).toBe(400);
      expect(error.message).not.toContain(token);
      expect(stranger.token).toBeUndefined();
    });

    test('given a wrapping client, when a token is made, a secret read, anything written, then each answer is wrapped', async () => {
      await client.kv.v2.createOrUpdate('wrapped', { a: 1 });
      const wrapping = client.withWrapping('60s');
      const made = await wrapping.auth.token.create({ policies: ['default'] });
      expect(made).toMatchObject({ data: null, auth: null, wrapInfo: { ttl: 60, creation_path: 'auth/token/create' } });
      const unwrapped = await client.sys.wrapping.unwrap(made.wrapInfo.token);
      expect(unwrapped.auth?.policies).toEqual(['default']);
      expect(client.token).toBe(server.token);

      const { wrapInfo } = await wrapping.kv.v2.read('wrapped');
      const secret = await wrapping.sys.wrapping.unwrap<{ data: unknown }>(wrapInfo.token);
      expect(secret.data.data).toEqual({ a: 1 });
      expect((await wrapping.list('secret/metadata')).wrapInfo.creation_path).toBe('secret/metadata/');
      expect((await wrapping.sys.health()).status).toBe(200);
      expect((await client.kv.v2.read('wrapped')).wrapInfo).toBeNull();
    });

    test('given a login through a wrapping client, when it answers, then the client’s token stays', async () => {
      await client.sys.enableAuthMethod('userpass');
      await client.write('auth/userpass/users/u', { password: 'canary-password' });
      const { wrapInfo } = await client
        .withWrapping('60s')
        .auth.userpass.login({ username: 'u', password: 'canary-password' });
      expect(client.token).toBe(server.token);
      expect((await client.sys.wrapping.unwrap(wrapInfo.token)).auth?.metadata).toEqual({ username: 'u' });
    });

    test('given a TTL that is not a duration, or a token with a line break, when used, then it is refused before anything is sent', async () => {
      expect(() => client.withWrapping('x\r\ny: z')).toThrow('takes a duration');
      await expect(client.sys.wrapping.wrap({}, { ttl: '5 m' })).rejects.toThrow('takes a duration');
      for (const token of ['canary-token\n', '', 'canary ü']) {
        const error = await failureOf<VaultError>(client.sys.wrapping.unwrap(token));
        expect(error).toMatchObject({ status: 400, path: 'sys/wrapping/unwrap' });
        expect(error.message).not.toContain('canary');
      }
    });
  });
});
