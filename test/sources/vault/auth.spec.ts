import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import { VaultForbiddenError, VaultInvalidRequestError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { stopServers } from '../support/server.js';
import { until } from '../vault-source/support/app.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { jwtOf, jwtPublicKey } from './support/jwt.js';
import { setUpKubernetes } from './support/kubernetes.js';

describeOnEachVault([], 'VaultClient against %s: tokens and logins', (product) => {
  let server: VaultServer;
  let root: VaultClient;
  /** A client that has not logged in. */
  const stranger = () => clientTo({ address: server.address });

  beforeAll(async () => {
    server = await startDevVault(product);
    root = clientTo(server);
    await root.sys.createOrUpdatePolicy('app', 'path "secret/data/app/*" { capabilities = ["read"] }');
  });
  afterAll(async () => {
    await closeClients();
    await stopServers();
    await server?.stop();
  });

  /** A client that has logged in may look itself up, and has this policy. */
  async function expectLoggedIn(client: VaultClient, policy = 'app'): Promise<void> {
    expect((await client.auth.token.lookupSelf()).data.policies).toContain(policy);
    expect(await client.isAuthenticated()).toBe(true);
  }

  describe('isAuthenticated', () => {
    test('given a good token, a bad one, or none, when asked, then true, false, false', async () => {
      expect(await root.isAuthenticated()).toBe(true);
      expect(await clientTo({ address: server.address, token: 'hvs.bad' }).isAuthenticated()).toBe(false);
      expect(await stranger().isAuthenticated()).toBe(false);
    });

    test('given a server that is not there, when asked, then it throws rather than say no', async () => {
      const client = clientTo({ address: 'http://127.0.0.1:1', token: 't' }, { retry: false });
      await expect(client.isAuthenticated()).rejects.toMatchObject({ name: 'VaultConnectionError' });
    });
  });

  describe('auth.token', () => {
    test('given root, when it makes a token, then the client keeps its own, and the new one can do what it may', async () => {
      const { auth, data } = await root.auth.token.create({
        policies: ['app'],
        ttl: '1h',
        explicitMaxTtl: '2h',
        displayName: 'made',
        numUses: 10,
        renewable: true,
        meta: { madeBy: 'test' },
      });
      expect(data).toBeNull();
      expect(auth).toMatchObject({
        policies: ['app', 'default'],
        lease_duration: 3600,
        renewable: true,
        orphan: false,
      });
      expect(root.token).toBe(server.token);
      const client = clientTo({ address: server.address, token: auth.client_token });
      expect((await client.auth.token.lookupSelf()).data).toMatchObject({
        display_name: 'token-made',
        meta: { madeBy: 'test' },
        explicit_max_ttl: 7200,
        type: 'service',
      });
    });

    test('given a token role, when a token is made for it, then it has the role’s policies', async () => {
      await root.write('auth/token/roles/batch-job', { allowed_policies: 'app', orphan: true });
      const { auth } = await root.auth.token.create({ policies: ['app'] }, { role: 'batch-job' });
      expect(auth).toMatchObject({ orphan: true, policies: expect.arrayContaining(['app']) });
    });

    test('given an orphan, when its maker is revoked, then it lives on', async () => {
      const parent = (await root.auth.token.create({ policies: ['root'] })).auth.client_token;
      const maker = clientTo({ address: server.address, token: parent });
      const child = (await maker.auth.token.create({ policies: ['app'] })).auth.client_token;
      const orphan = (await maker.auth.token.createOrphan({ policies: ['app'] })).auth;
      expect(orphan.orphan).toBe(true);
      await maker.auth.token.revokeSelf();
      expect(await maker.isAuthenticated()).toBe(false);
      expect(await clientTo({ address: server.address, token: child }).isAuthenticated()).toBe(false);
      expect(await clientTo({ address: server.address, token: orphan.client_token }).isAuthenticated()).toBe(true);
    });

    test('given an increment, when renewed, then Vault grants it; given none, then what it sees fit', async () => {
      const { auth } = await root.auth.token.create({ policies: ['app'], ttl: '10m' });
      const client = clientTo({ address: server.address, token: auth.client_token });
      expect((await client.auth.token.renewSelf({ increment: '20m' })).auth.lease_duration).toBe(1200);
      expect((await client.auth.token.renewSelf()).auth).toMatchObject({ renewable: true, client_token: client.token });
    });

    test('given a token past its maximum, when renewed, then 500; once it is dead, 403 in the words of each server', async () => {
      await root.sys.enableAuthMethod('userpass', { path: 'brief' });
      const user = { password: 'canary-password', token_policies: 'app' };
      await root.write('auth/brief/users/u', { ...user, token_ttl: '1h', token_max_ttl: '2h' });
      const client = clientTo({ address: server.address }, { retry: false });
      await client.auth.userpass.login({ username: 'u', password: user.password, mount: 'brief' });
      const { creation_time: born } = (await client.auth.token.lookupSelf()).data;
      await root.write('auth/brief/users/u', { ...user, token_ttl: '1s', token_max_ttl: '1s' });
      await until('the new maximum is past', () => Date.now() > (born + 2) * 1000);
      const past = await failureOf<VaultError>(client.auth.token.renewSelf({ increment: '1h' }));
      expect(past).toMatchObject({ status: 500, message: expect.stringContaining('past the max TTL, cannot renew') });
      await client.auth.token.revokeSelf();
      const dead = await failureOf<VaultError>(client.auth.token.renewSelf());
      const text = { vault: expect.stringContaining('invalid token') as unknown, openbao: 'permission denied' }[
        product
      ];
      expect(dead).toMatchObject({ status: 403, errors: [text] });
    });

    test('given a token without the right, when it reads, then 403 with Vault’s text', async () => {
      const { auth } = await root.auth.token.create({ policies: ['app'] });
      const client = clientTo({ address: server.address, token: auth.client_token });
      const error = await failureOf<VaultError>(client.kv.v2.read('other'));
      expect(error).toBeInstanceOf(VaultForbiddenError);
      expect(error).toMatchObject({ status: 403, path: 'secret/data/other' });
      expect(error.message).toContain('permission denied');
    });
  });

  describe('auth.appRole', () => {
    let roleId: string;
    beforeAll(async () => {
      await root.sys.enableAuthMethod('approle');
      await root.write('auth/approle/role/web', { token_policies: 'app', secret_id_num_uses: 0 });
      roleId = (await root.read<{ role_id: string }>('auth/approle/role/web/role-id')).data.role_id;
    });

    test('given role and secret ID, when logged in, then the client has a token', async () => {
      const secret = (
        await root.auth.appRole.generateSecretId('web', { metadata: { pod: 'a' }, numUses: 3, ttl: '10m' })
      ).data;
      expect(secret).toMatchObject({ secret_id_ttl: 600, secret_id_num_uses: 3 });
      const client = stranger();
      const { auth } = await client.auth.appRole.login({ roleId, secretId: secret.secret_id });
      expect(auth.metadata).toMatchObject({ role_name: 'web', pod: 'a' });
      expect(client.token).toBe(auth.client_token);
      await expectLoggedIn(client);
    });

    test('given a wrapped secret ID, when unwrapped and used, then the client logs in; a second time the token is used up', async () => {
      const { wrapInfo, data } = await root.withWrapping('60s').auth.appRole.generateSecretId('web');
      expect(data).toBeNull();
      expect(wrapInfo).toMatchObject({ ttl: 60, creation_path: 'auth/approle/role/web/secret-id' });
      const client = stranger();
      const secretId = await client.auth.appRole.unwrapSecretId(wrapInfo.token, { role: 'web' });
      await client.auth.appRole.login({ roleId, secretId });
      await expectLoggedIn(client);
      await expect(client.auth.appRole.unwrapSecretId(wrapInfo.token)).rejects.toBeInstanceOf(VaultInvalidRequestError);
    });

    test('given a wrapping token that something else made, when unwrapped as a secret ID, then it is refused and not used up', async () => {
      const forged = (await root.sys.wrapping.wrap({ secret_id: 'canary-forged' })).wrapInfo.token;
      const client = stranger();
      const error = await failureOf(client.auth.appRole.unwrapSecretId(forged));
      expect(error.message).toContain('was not made by auth/approle/role/…/secret-id');
      expect(error.message).not.toContain(forged);
      expect((await client.sys.wrapping.unwrap(forged)).data).toEqual({ secret_id: 'canary-forged' });

      await root.write('auth/approle/role/other', { token_policies: 'app' });
      const other = (await root.withWrapping('60s').auth.appRole.generateSecretId('other')).wrapInfo.token;
      await expect(client.auth.appRole.unwrapSecretId(other, { role: 'web' })).rejects.toThrow('was not made by');
    });

    test('given a wrong secret ID, when logged in, then 400, and neither ID is in the error', async () => {
      const client = stranger();
      const error = await failureOf<VaultError>(client.auth.appRole.login({ roleId, secretId: 'canary-secret-id' }));
      expect(error.status).toBe(400);
      expect(error.message).toContain('invalid role or secret ID');
      expect(error.message + error.stack).not.toContain('canary-secret-id');
      expect(client.token).toBeUndefined();
    });

    test('given another mount, when named in either place, then it is used', async () => {
      await root.sys.enableAuthMethod('approle', { path: 'team/roles' });
      await root.write('auth/team/roles/role/web', { token_policies: 'app' });
      const mount = 'team/roles';
      const id = (await root.read<{ role_id: string }>(`auth/${mount}/role/web/role-id`)).data.role_id;
      const secretId = (await root.auth.appRole.generateSecretId('web', {}, { mount })).data.secret_id;
      await root.auth.appRole.generateSecretId('web', { mount });
      const client = stranger();
      await client.auth.appRole.login({ roleId: id, secretId, mount });
      await expectLoggedIn(client);
    });
  });

  test('given userpass, when logged in, then the client has a token; a wrong password is refused', async () => {
    await root.sys.enableAuthMethod('userpass');
    await root.write('auth/userpass/users/mary', { password: 'canary-right', token_policies: 'app' });
    const client = stranger();
    await client.auth.userpass.login({ username: 'mary', password: 'canary-right' });
    await expectLoggedIn(client);
    const token = client.token;
    await expect(client.auth.userpass.login({ username: 'mary', password: 'wrong' })).rejects.toMatchObject({
      status: 400,
      path: 'auth/userpass/login/mary',
    });
    expect(client.token).toBe(token);
  });

  test('given a JWT of a key made here, when logged in, then the client has a token; another audience is refused', async () => {
    await root.sys.enableAuthMethod('jwt');
    await root.write('auth/jwt/config', { jwt_validation_pubkeys: [jwtPublicKey] });
    const role = { role_type: 'jwt', bound_audiences: ['vault'], user_claim: 'sub', token_policies: 'app' };
    await root.write('auth/jwt/role/ci', role);
    const client = stranger();
    await client.auth.jwt.login({ role: 'ci', jwt: jwtOf({ sub: 'job-1', aud: 'vault' }) });
    await expectLoggedIn(client);
    const jwt = jwtOf({ sub: 'job-1', aud: 'elsewhere' });
    const error = await failureOf<VaultError>(client.auth.jwt.login({ role: 'ci', jwt }));
    expect(error.status).toBe(400);
    expect(error.message).not.toContain(jwt);
  });

  test('given Kubernetes, when its token review agrees, then the client has a token; the token file is read at each login', async () => {
    const kubernetes = await setUpKubernetes(root, 'app');
    const jwt = kubernetes.serviceAccount;
    const client = stranger();
    await client.auth.kubernetes.login({ role: 'web', jwt });
    await expectLoggedIn(client);
    expect(kubernetes.server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
    });

    const tokenFile = join(mkdtempSync(join(tmpdir(), 'service-account-')), 'token');
    writeFileSync(tokenFile, 'no JWT');
    await expect(client.auth.kubernetes.login({ role: 'web', tokenFile })).rejects.toMatchObject({ status: 403 });
    writeFileSync(tokenFile, `${jwt}\n`);
    await client.auth.kubernetes.login({ role: 'web', tokenFile });

    kubernetes.agrees(false);
    await expect(client.auth.kubernetes.login({ role: 'web', jwt })).rejects.toBeInstanceOf(VaultForbiddenError);
    await expect(client.auth.kubernetes.login({ role: 'web', tokenFile: '/nowhere' })).rejects.toThrow(
      'does not exist (ENOENT)',
    );
  });
});
