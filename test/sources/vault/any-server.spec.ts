import { randomBytes } from 'node:crypto';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { describeWith } from '../../servers/available.js';
import type { VaultProduct, VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients } from './support/clients.js';
import { kvReady } from './support/kv-ready.js';

// Under names of its own, so that it harms nothing on a server that others use, as one behind VAULT_ADDR.
describeWith(['any vault'], 'VaultClient against any Vault or OpenBao', () => tests());
describeWith(['OpenBao'], 'VaultClient against OpenBao as against any', () => tests('openbao'));

function tests(product?: VaultProduct): void {
  const name = `nestjs-hcp-vault-${randomBytes(4).toString('hex')}`;
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
  });
  afterAll(async () => {
    await client.sys.disableEngine(name).catch(() => undefined);
    await client.sys.disableEngine(`${name}-keys`).catch(() => undefined);
    await client.sys.deletePolicy(name).catch(() => undefined);
    await closeClients();
    await server?.stop();
  });

  test('given KV, when written, read, listed and deleted, then so it is', async () => {
    await client.sys.enableEngine('kv', { path: name, options: { version: '2' } });
    await kvReady(client, name);
    await client.kv.v2.createOrUpdate('a/b', { c: 1 }, { cas: 0, mount: name });
    expect((await client.kv.v2.read('a/b', { mount: name })).data).toMatchObject({
      data: { c: 1 },
      metadata: { version: 1 },
    });
    expect((await client.kv.v2.list('a', { mount: name })).data).toEqual({ keys: ['b'] });
    await client.kv.v2.delete('a/b', { mount: name });
    await expect(client.kv.v2.read('a/b', { mount: name })).rejects.toMatchObject({ metadata: { version: 1 } });
  });

  test('given transit, when encrypted and decrypted, then the same', async () => {
    const mount = `${name}-keys`;
    await client.sys.enableEngine('transit', { path: mount });
    await client.write(`${mount}/keys/k`);
    const ciphertexts = (await client.transit.encrypt('k', ['x', 'y'], { mount })) as string[];
    expect(await client.transit.decrypt('k', ciphertexts, { mount })).toEqual([
      new Uint8Array([120]),
      new Uint8Array([121]),
    ]);
  });

  test('given a policy, when a wrapped token with it is unwrapped, then it may what the policy says', async () => {
    await client.sys.createOrUpdatePolicy(name, `path "${name}/data/*" { capabilities = ["read"] }`);
    const { wrapInfo } = await client.withWrapping('60s').auth.token.create({ policies: [name], ttl: '5m' });
    const { auth } = await client.sys.wrapping.unwrap(wrapInfo.token);
    const limited = clientTo({ address: server.address, token: auth?.client_token ?? '' });
    expect((await limited.sys.capabilitiesSelf(`${name}/data/x`)).data['capabilities']).toEqual(['read']);
    await limited.auth.token.revokeSelf();
    expect(await limited.isAuthenticated()).toBe(false);
  });

  test('given health and seal, when asked, then it is open', async () => {
    expect(await client.sys.health()).toMatchObject({ data: { initialized: true, sealed: false } });
    expect((await client.sys.sealStatus()).data.sealed).toBe(false);
  });
}
