import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch as undiciFetch } from 'undici';
import type { Fetch, VaultClient } from '../../../lib/sources/vault/index.js';
import { VaultSealedError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { SealableVault } from '../../servers/vault.server.js';
import { createSealableVault } from '../../servers/vault.server.js';
import { certificate } from '../support/certificate.js';
import { until } from '../vault-source/support/app.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { kvReady } from './support/kv-ready.js';

describeOnEachVault([], 'VaultClient against %s as in production: TLS, storage, seal', (product) => {
  let server: SealableVault;
  let client: VaultClient;
  let keys: string[];

  const unseal = async () => {
    for (const key of keys.slice(0, 2)) await client.sys.unseal(key);
    await until('it is active', async () => (await client.sys.health()).state === 'active');
  };

  beforeAll(async () => {
    server = await createSealableVault(product);
    client = clientTo(server, { tls: { ca: server.ca }, retry: false });
  });
  afterAll(async () => {
    await closeClients();
    await server?.destroy();
  });

  test('given a server that nobody initialised, when asked, then health says so, and calls fail so', async () => {
    expect(await client.sys.health()).toMatchObject({
      status: 501,
      state: 'not-initialized',
      data: { initialized: false, sealed: true },
    });
    expect(await failureOf(client.kv.v2.read('a'))).toBeInstanceOf(VaultSealedError);
    expect((await client.sys.sealStatus()).data).toMatchObject({ initialized: false });
  });

  test('given it initialised and still sealed, when asked, then health says so; shares of the key open it', async () => {
    const { data } = await client.write<{ keys_base64: string[]; root_token: string }>('sys/init', {
      secret_shares: 3,
      secret_threshold: 2,
    });
    keys = data.keys_base64;
    expect(await client.sys.health()).toMatchObject({ status: 503, state: 'sealed', data: { sealed: true } });
    const sealed = await failureOf(client.kv.v2.read('a'));
    expect(sealed).toBeInstanceOf(VaultSealedError);
    expect(sealed.message).toMatch(/Vault is sealed/);
    await expect(client.isAuthenticated()).rejects.toBeInstanceOf(VaultSealedError);

    const first = await client.sys.unseal(keys[0] ?? '');
    expect(first.data).toMatchObject({ sealed: true, progress: 1, t: 2, n: 3 });
    expect((await client.sys.unseal({ reset: true })).data.progress).toBe(0);
    await unseal();
    expect((await client.sys.sealStatus()).data.sealed).toBe(false);
    client.token = data.root_token;
    expect(await client.isAuthenticated()).toBe(true);
    await client.sys.enableEngine('kv', { path: 'secret', options: { version: '2' } });
    await kvReady(client);
  });

  test('given it sealed by its operator, and killed, when started and opened again, then the secrets are there', async () => {
    await client.kv.v2.createOrUpdate('kept', { a: 1 });
    await client.sys.seal();
    expect((await client.sys.health()).state).toBe('sealed');
    await unseal();
    await kvReady(client);
    expect((await client.kv.v2.read('kept')).data.data).toEqual({ a: 1 });

    await server.stop('SIGKILL');
    await expect(client.kv.v2.read('kept')).rejects.toMatchObject({ name: 'VaultConnectionError' });
    await server.start();
    await unseal();
    await kvReady(client);
    expect((await client.kv.v2.read('kept')).data.data).toEqual({ a: 1 });
  });

  test('given a client certificate, when logged in with it, then the client has a token; without one it is refused', async () => {
    await client.sys.enableEngine('pki');
    await client.write('pki/root/generate/internal', { common_name: 'Client CA', ttl: '24h' });
    await client.write('pki/roles/clients', { allow_any_name: true, client_flag: true, ttl: '1h' });
    const issued = (await client.pki.issue('clients', { commonName: 'app.test' })).data;
    await client.sys.enableAuthMethod('cert');
    await client.write('auth/cert/certs/app', { certificate: issued.issuing_ca, token_policies: 'default' });

    const app = clientTo(server, {
      tls: { ca: server.ca, cert: issued.certificate, key: issued.private_key },
      token: '',
    });
    const { auth } = await app.auth.cert.login({ name: 'app' });
    expect(auth.metadata).toMatchObject({ cert_name: 'app', common_name: 'app.test' });
    expect(app.token).toBe(auth.client_token);
    await app.auth.cert.login();
    const stranger = clientTo(server, { tls: { ca: server.ca }, token: '' });
    await expect(stranger.auth.cert.login()).rejects.toMatchObject({ status: 400 });
  });

  describe('trust', () => {
    test('given nothing that vouches for the server, when called, then TLS fails, and the error says what to do', async () => {
      const error = await failureOf(clientTo(server).sys.health());
      expect(error).toMatchObject({ name: 'VaultConnectionError', effect: 'none', transient: false });
      expect(error.message).toMatch(/TLS with https:.* failed .*tls: \{ ca \}/);
    });

    test('given its CA as a file, or in a folder, when called, then it is trusted; the file comes before the folder', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ca-'));
      writeFileSync(join(folder, 'a.pem'), server.ca);
      writeFileSync(join(folder, 'README'), 'nothing');
      const other = join(mkdtempSync(join(tmpdir(), 'ca-')), 'other.pem');
      writeFileSync(other, (await certificate('other.test')).cert);
      expect((await clientTo(server, { tls: { caFile: join(folder, 'a.pem') } }).sys.health()).status).toBe(200);
      expect((await clientTo(server, { tls: { caPath: folder } }).sys.health()).status).toBe(200);
      const both = clientTo(server, { tls: { caFile: other, caPath: folder }, retry: false });
      await expect(both.sys.health()).rejects.toMatchObject({ name: 'VaultConnectionError' });
    });

    test('given another server name, when the certificate has it, then it is trusted; else not', async () => {
      const named = (serverName: string) => clientTo(server, { tls: { ca: server.ca, serverName }, retry: false });
      expect((await named('vault.test').sys.health()).status).toBe(200);
      await expect(named('else.test').sys.health()).rejects.toMatchObject({
        cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      });
    });

    test('given skipVerify, when on loopback, then any certificate does; beyond it is refused', async () => {
      expect((await clientTo(server, { tls: { skipVerify: true } }).sys.health()).status).toBe(200);
      expect(() => clientTo({ address: 'https://vault.example' }, { tls: { skipVerify: true } })).toThrow(
        /refused but on loopback/,
      );
    });

    test('given a fetch of the user’s own, when called, then it carries the calls', async () => {
      const dispatcher = new Agent({ connect: { ca: server.ca } });
      const fetch = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as Fetch;
      const own = clientTo({ ...server, token: client.token ?? '' }, { fetch });
      expect((await own.kv.v2.read('kept')).data.data).toEqual({ a: 1 });
      expect((await own.kv.v2.patch('kept', { b: 2 })).data.version).toBe(2);
      await expect(own.kv.v2.read('none')).rejects.toMatchObject({ status: 404 });
      await dispatcher.destroy();
    });
  });
});
