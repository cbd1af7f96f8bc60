import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { VaultInvalidPathError } from '../../../lib/sources/vault/index.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

describeOnEachVault([], 'VaultClient against %s: calls without a method of their own', (product) => {
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given methods, a query and bodies, when requested, then they are sent, and answers are typed', async () => {
    await client.request('POST', 'secret/data/any', { body: { data: { a: 1, b: 2 } } });
    await client.request('POST', '/secret/data/any/', { body: '{"data":{"a":2,"b":2}}' });
    await client.request('PATCH', 'secret/data/any', { body: { data: { b: null } } });
    const { data } = await client.request<{ data: object }>('GET', 'secret/data/any', { query: { version: 3 } });
    expect(data.data).toEqual({ a: 2 });
    expect((await client.request('LIST', 'secret/metadata')).data).toEqual({ keys: ['any'] });
    await client.request('DELETE', 'secret/metadata/any');
    expect(await failureOf(client.request('GET', 'secret/data/any'))).toBeInstanceOf(VaultInvalidPathError);
    await expect(client.request('GET', 'secret/data/any', { raw: true })).rejects.toBeInstanceOf(VaultInvalidPathError);
    await expect(client.request('TRACE' as never, 'a')).rejects.toThrow('one of GET, HEAD, LIST');
    await expect(client.request('GET', 'a/../sys/seal')).rejects.toThrow('it is not sent');
  });

  test('given answers that are not JSON, when requested raw, then their bytes come', async () => {
    await client.sys.enableEngine('pki');
    await client.write('pki/root/generate/internal', { common_name: 'vault.test', ttl: '1h' });
    const ca = await client.request('GET', 'pki/ca/pem', { raw: true });
    expect(ca).toMatchObject({ status: 200, contentType: 'application/pem-certificate-chain' });
    expect(ca.body.toString()).toContain('BEGIN CERTIFICATE');
    const crl = await client.request('GET', 'pki/crl', { raw: true });
    expect(crl.body[0]).toBe(0x30); // DER
    await expect(client.request('GET', 'pki/ca/pem')).rejects.toMatchObject({ name: 'VaultConnectionError' });
  });

  test('given a wrapping client, when any call or login is made, then its answer is the wrapping token', async () => {
    const wrapping = client.withWrapping('60s');
    await client.request('POST', 'secret/data/wrapped', { body: { data: { a: 1 } } });
    const { data, wrapInfo } = await wrapping.request('GET', 'secret/data/wrapped', { query: { version: 1 } });
    expect(data).toBeNull();
    expect(wrapInfo.creation_path).toBe('secret/data/wrapped');
    const unwrapped = await client.sys.wrapping.unwrap<{ data: object }>(wrapInfo.token);
    expect(unwrapped.data.data).toEqual({ a: 1 });
    await client.sys.enableAuthMethod('userpass', { path: 'wrapped' });
    await client.write('auth/wrapped/users/app', { password: 'canary-password' });
    const before = client.token;
    const login = await wrapping.login('auth/wrapped/login/app', { password: 'canary-password' });
    expect(login).toMatchObject({ auth: null, wrapInfo: { creation_path: 'auth/wrapped/login/app' } });
    expect(client.token).toBe(before);
  });

  test('given a login by its path, when logged in, then its token is the client’s', async () => {
    await client.sys.enableAuthMethod('userpass', { path: 'people' });
    await client.write('auth/people/users/app', { password: 'canary-password' });
    const other = clientTo({ address: server.address });
    const { auth } = await other.login('auth/people/login/app', { password: 'canary-password' });
    expect(other.token).toBe(auth.client_token);
    expect(await other.isAuthenticated()).toBe(true);
  });

  test('given tokens, when asked whether they are good, then also one without the policy `default` is, and no dead one', async () => {
    const { auth } = await client.auth.token.create({ policies: ['none'], noDefaultPolicy: true });
    const bare = clientTo({ address: server.address, token: auth.client_token });
    expect(await bare.isAuthenticated()).toBe(true);
    await client.write('auth/token/revoke', { token: auth.client_token });
    expect(await bare.isAuthenticated()).toBe(false);
    expect(await clientTo({ address: server.address, token: 'hvs.none' }).isAuthenticated()).toBe(false);
    expect(await clientTo({ address: server.address }).isAuthenticated()).toBe(false);
  });

  test('given a token without `patch`, when patched by reading and writing, then keys are merged, and nobody’s write is lost', async () => {
    await client.sys.createOrUpdatePolicy('rw', 'path "secret/data/rw" { capabilities = ["read", "update"] }');
    await client.kv.v2.createOrUpdate('rw', { a: 1, b: 1, c: 1 });
    const { auth } = await client.auth.token.create({ policies: ['rw'] });
    const own = clientTo({ address: server.address, token: auth.client_token });
    await expect(own.kv.v2.patch('rw', { a: 2 })).rejects.toMatchObject({ status: 403 });
    await own.kv.v2.patch('rw', { a: 2, b: null }, { method: 'rw' });
    expect((await client.kv.v2.read('rw')).data.data).toEqual({ a: 2, c: 1 });
    await expect(own.kv.v2.patch('rw', { a: 3 }, { method: 'rw', cas: 1 })).rejects.toMatchObject({ status: 400 });
  });
});

describe('VaultClient: logins and namespaces on the wire', () => {
  afterEach(async () => {
    await closeClients();
    await stopServers();
  });

  const answering = () =>
    startServer((_, response) => response.end('{"request_id":"r","auth":{"client_token":"canary-token"}}'));

  test.each([
    ['ldap', 'auth/ldap/login/app', { username: 'app', password: 'p' }, { password: 'p' }],
    ['okta', 'auth/okta/login/app', { username: 'app', password: 'p' }, { password: 'p' }],
    ['github', 'auth/gh/login', { token: 't', mount: '/gh/' }, { token: 't' }],
    ['gcp', 'auth/gcp/login', { role: 'r', jwt: 'j' }, { role: 'r', jwt: 'j' }],
    ['azure', 'auth/azure/login', { role: 'r', jwt: 'j', vmName: 'v' }, { role: 'r', jwt: 'j', vm_name: 'v' }],
  ] as const)(
    'given the login of %s, when logged in, then its path and body are sent without a token',
    async (method, path, login, body) => {
      const { url, requests } = await answering();
      const client = clientTo({ address: url, token: 'before' });
      await client.auth[method].login(login as never);
      expect(requests).toMatchObject([{ method: 'POST', path: `/v1/${path}`, body: JSON.stringify(body) }]);
      expect(requests[0]!.headers['x-vault-token']).toBeUndefined();
      expect(client.token).toBe('canary-token');
    },
  );

  test('given another namespace, when called, then it is that one; an empty one is the root', async () => {
    const { url, requests } = await answering();
    const client = clientTo({ address: url, token: 't' }, { namespace: 'team' });
    await client.read('a');
    await client.withNamespace('/team/b/').read('a');
    await client.withNamespace('').read('a');
    expect(requests.map(({ headers }) => headers['x-vault-namespace'])).toEqual(['team', 'team/b', undefined]);
    expect(() => client.withNamespace('a b')).toThrow('no header can carry');
  });
});
