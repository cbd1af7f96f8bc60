import type { RequestListener } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import { describeWith } from '../../servers/available.js';
import type { SlapdServer } from '../../servers/slapd.server.js';
import { PEOPLE, startSlapd } from '../../servers/slapd.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import type { TestCertificate } from '../support/certificate.js';
import { certificate } from '../support/certificate.js';
import type { TestProxy } from '../support/proxy.js';
import { startProxy } from '../support/proxy.js';
import type { TestServer } from '../support/server.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { jwtOf, jwtPublicJwk } from './support/jwt.js';

// OpenBao 2.7 has none of these built in.
describeWith(['HashiCorp Vault', 'OpenLDAP'], 'VaultClient against HashiCorp Vault: logins by LDAP', () => {
  let server: VaultServer;
  let ldap: SlapdServer;
  const stranger = () => clientTo({ address: server.address }, { retry: false });

  beforeAll(async () => {
    [server, ldap] = await Promise.all([startDevVault('vault'), startSlapd({ mary: 'canary-right' })]);
    const root = clientTo(server);
    await root.sys.enableAuthMethod('ldap');
    await root.write('auth/ldap/config', {
      url: ldap.url,
      userdn: PEOPLE,
      userattr: 'uid',
      token_policies: 'app',
    });
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await ldap?.stop();
    await server?.stop();
  });

  test('given the right password, when logged in, then the client has a token', async () => {
    const client = stranger();
    const { auth } = await client.auth.ldap.login({ username: 'mary', password: 'canary-right' });
    expect(auth.policies).toContain('app');
    expect(auth.metadata).toEqual({ username: 'mary' });
    expect(client.token).toBe(auth.client_token);
    expect(await client.isAuthenticated()).toBe(true);
  });

  test('given a wrong one, when logged in, then an error without it, and no token', async () => {
    const client = stranger();
    const error = await failureOf<VaultError>(client.auth.ldap.login({ username: 'mary', password: 'canary-wrong' }));
    expect(error).toMatchObject({ status: 400, path: 'auth/ldap/login/mary' });
    expect(error.message).toContain('invalid credentials');
    expect(error.message).not.toContain('canary');
    expect(client.token).toBeUndefined();
  });
});

/** What Vault asks GitHub, Google, Microsoft and Okta during a login; each host leads here. */
const cloud =
  (url: () => string, googles: () => string): RequestListener =>
  (request, response) => {
    const { host = '' } = request.headers;
    const path = (request.url ?? '').replace(/\?.*/, '');
    const organization = { id: 7, login: 'shop' };
    const key = { ...jwtPublicJwk, kid: 'key-1', alg: 'RS256', use: 'sig' };
    const answers: Record<string, unknown> = {
      '/user': { id: 1, login: 'mary' },
      '/user/orgs': [organization],
      '/user/teams': [{ id: 3, name: 'ops', slug: 'ops', organization }],
      '/oauth2/v1/certs': { 'key-1': googles() },
      '/token': { access_token: 'canary-google', token_type: 'Bearer', expires_in: 3600 },
      '/v1/projects/-/serviceAccounts/app@shop.test': { email: 'app@shop.test', uniqueId: '42', projectId: 'shop' },
      '/tenant-1/.well-known/openid-configuration': {
        issuer: 'https://sts.windows.net/tenant-1/',
        jwks_uri: 'https://login.microsoftonline.com/keys',
      },
      '/keys': { keys: [key] },
      '/api/v1/authn': { status: 'SUCCESS', _embedded: { user: { id: 'u-1' } } },
    };
    const isRefused = path.startsWith('/user') && request.headers.authorization !== 'Bearer canary-right';
    const answer = isRefused ? undefined : answers[path];
    response.writeHead(answer ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: `canary: no ${host}${path} at ${url()}` }));
  };

describeWith(
  ['HashiCorp Vault'],
  'VaultClient against HashiCorp Vault: logins by GitHub, Google, Azure and Okta',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'vault-clouds-'));
    let server: VaultServer;
    let proxy: TestProxy;
    let plain: TestServer;
    let root: VaultClient;
    let tls: TestCertificate;
    const stranger = () => clientTo({ address: server.address }, { retry: false });

    beforeAll(async () => {
      tls = await certificate('login.microsoftonline.com', 'sts.windows.net', 'shop.okta.com', 'oauth2.googleapis.com');
      const ca = join(folder, 'ca.pem');
      writeFileSync(ca, tls.cert);
      const listener = cloud(
        () => plain.url,
        () => tls.cert,
      );
      plain = await startServer(listener);
      proxy = await startProxy((await startServer(listener, tls)).port);
      server = await startDevVault('vault', { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: ca });
      root = clientTo(server);
      for (const type of ['github', 'gcp', 'azure', 'okta']) await root.sys.enableAuthMethod(type);
    }, 60_000);
    afterAll(async () => {
      await closeClients();
      await server?.stop();
      proxy?.stop();
      await stopServers();
      rmSync(folder, { recursive: true, force: true });
    });

    test('given GitHub, when logged in, then the policies of its teams; a token that it refuses is an error', async () => {
      await root.write('auth/github/config', { organization: 'shop', organization_id: 7, base_url: plain.url });
      await root.write('auth/github/map/teams/ops', { value: 'app' });
      const client = stranger();
      const { auth } = await client.auth.github.login({ token: 'canary-right' });
      expect(auth).toMatchObject({ policies: ['app', 'default'], metadata: { username: 'mary', org: 'shop' } });
      expect(await client.isAuthenticated()).toBe(true);
      const error = await failureOf<VaultError>(stranger().auth.github.login({ token: 'canary-wrong' }));
      expect(error.path).toBe('auth/github/login');
      expect(error.message).not.toContain('canary');
    });

    test('given Google, when logged in by a JWT of a service account, then the client has a token', async () => {
      await root.write('auth/gcp/config', {
        credentials: JSON.stringify({
          type: 'service_account',
          project_id: 'shop',
          private_key_id: 'own',
          private_key: tls.key,
          client_email: 'vault@shop.test',
          client_id: '1',
        }),
        custom_endpoint: { api: plain.url, iam: plain.url },
      });
      await root.write('auth/gcp/role/app', {
        type: 'iam',
        bound_service_accounts: 'app@shop.test',
        token_policies: 'app',
      });
      const client = stranger();
      const jwt = jwtOf({ sub: 'app@shop.test', aud: 'vault/app' }, { kid: 'key-1' }, tls.key);
      const { auth } = await client.auth.gcp.login({ role: 'app', jwt });
      expect(auth).toMatchObject({
        policies: ['app', 'default'],
        metadata: { service_account_email: 'app@shop.test' },
      });
      expect(await client.isAuthenticated()).toBe(true);
      const other = jwtOf({ sub: 'app@shop.test', aud: 'vault/other' }, { kid: 'key-1' }, tls.key);
      const error = await failureOf<VaultError>(stranger().auth.gcp.login({ role: 'app', jwt: other }));
      expect(error.status).toBe(400);
      expect(error.message).not.toContain(other);
    });

    test('given Azure, when logged in by a JWT of a managed identity, then the client has a token', async () => {
      await root.write('auth/azure/config', { tenant_id: 'tenant-1', resource: 'https://vault.shop.test' });
      await root.write('auth/azure/role/app', { bound_service_principal_ids: ['principal-1'], token_policies: 'app' });
      const client = stranger();
      const claims = { iss: 'https://sts.windows.net/tenant-1/', aud: 'https://vault.shop.test', oid: 'principal-1' };
      const { auth } = await client.auth.azure.login({ role: 'app', jwt: jwtOf(claims, { kid: 'key-1' }) });
      expect(auth).toMatchObject({ policies: ['app', 'default'], metadata: { role: 'app' } });
      expect(await client.isAuthenticated()).toBe(true);
      expect(proxy.tunnels.map(({ target }) => target)).toContain('login.microsoftonline.com:443');
      const other = jwtOf({ ...claims, aud: 'https://else.test' }, { kid: 'key-1' });
      const error = await failureOf<VaultError>(stranger().auth.azure.login({ role: 'app', jwt: other }));
      expect(error.message).not.toContain(other);
    });

    test('given Okta, when logged in, then the client has a token', async () => {
      await root.write('auth/okta/config', { org_name: 'shop', base_url: 'okta.com', token_policies: 'app' });
      const client = stranger();
      const { auth } = await client.auth.okta.login({ username: 'mary', password: 'canary-right' });
      expect(auth.policies).toContain('app');
      expect(await client.isAuthenticated()).toBe(true);
      expect(proxy.tunnels.map(({ target }) => target)).toContain('shop.okta.com:443');
    });
  },
);
