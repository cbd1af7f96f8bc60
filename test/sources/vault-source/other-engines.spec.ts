import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { read, token, VaultSecret } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault, describeWith } from '../../servers/available.js';
import { ADMIN, KubernetesServer } from '../../servers/kubernetes.server.js';
import type { SlapdServer } from '../../servers/slapd.server.js';
import { PEOPLE, startSlapd } from '../../servers/slapd.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { closeSources, context, sourceOf, versionOf } from './support/sources.js';

// What docs/sources/vault.md says of engines that have no function of their own, at real ones.
describeOnEachVault(['Kubernetes'], 'vault() against %s: the engine that issues tokens of Kubernetes', (product) => {
  let server: VaultServer;
  let kubernetes: KubernetesServer;
  let client: VaultClient;

  beforeAll(async () => {
    [server, kubernetes] = await Promise.all([startDevVault(product), KubernetesServer.start()]);
    await kubernetes.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    await kubernetes.call('POST', '/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'deploy' } });
    client = clientTo(server);
    await client.sys.enableEngine('kubernetes');
    await client.write('kubernetes/config', {
      kubernetes_host: kubernetes.url,
      kubernetes_ca_cert: kubernetes.ca,
      service_account_jwt: ADMIN,
    });
    await client.write('kubernetes/roles/deploy', {
      allowed_kubernetes_namespaces: 'shop',
      service_account_name: 'deploy',
      token_default_ttl: '10m',
    });
  }, 90_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await Promise.all([kubernetes?.destroy(), server?.stop()]);
  });

  test('given it, when opened by POST, then a token that Kubernetes takes, leased as long as it is good; looking for it issues none', async () => {
    const K8S = read('kubernetes/creds/deploy', { method: 'POST', body: { kubernetes_namespace: 'shop' } });
    const source = sourceOf({ address: server.address, auth: token(server.token), secrets: { K8S } });
    const leases = async () =>
      (await client.sys.leases.list('kubernetes/creds/deploy').catch(() => ({ data: { keys: [] } }))).data.keys;
    expect(await source.exists('K8S', context())).toBe(true);
    expect(await leases()).toEqual([]);
    const { value, lease } = await versionOf(source, 'K8S');
    const { service_account_token } = value as unknown as { service_account_token: string };
    const review = { spec: { token: service_account_token } };
    const { body } = await kubernetes.call('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', ...review,
    }); // prettier-ignore
    expect(body.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:shop:deploy' },
    });
    expect(lease).toMatchObject({ duration: 600_000, renewable: false });
    expect(await leases()).toHaveLength(1);
  });

  test('given a namespace that the role does not allow, when opened, then an error that names the secret, and no lease', async () => {
    const K8S = read('kubernetes/creds/deploy', { method: 'POST', body: { kubernetes_namespace: 'kube-system' } });
    const source = sourceOf({ address: server.address, auth: token(server.token), secrets: { K8S } });
    await expect(versionOf(source, 'K8S')).rejects.toMatchObject({ secretName: 'K8S', sourceKind: 'vault' });
  });
});

// OpenBao 2.7 has no engine for LDAP built in.
describeWith(['HashiCorp Vault', 'OpenLDAP'], 'vault() against HashiCorp Vault: the engine for LDAP', () => {
  let server: VaultServer;
  let directory: SlapdServer;
  let client: VaultClient;
  const login = (password: string) =>
    clientTo({ address: server.address }, { retry: false }).auth.ldap.login({ username: 'app', password });

  beforeAll(async () => {
    [server, directory] = await Promise.all([startDevVault('vault'), startSlapd({ app: 'canary-first' })]);
    client = clientTo(server);
    await client.sys.enableEngine('ldap');
    const bind = { url: directory.url, binddn: directory.admin.dn, bindpass: directory.admin.password };
    await client.write('ldap/config', { ...bind, schema: 'openldap', userdn: PEOPLE });
    await client.write('ldap/static-role/app', { username: 'app', dn: `uid=app,${PEOPLE}`, rotation_period: '1h' });
    await client.sys.enableAuthMethod('ldap'); // tells by a login whether the directory takes a password
    await client.write('auth/ldap/config', { url: directory.url, userdn: PEOPLE, userattr: 'uid' });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await Promise.all([directory?.stop(), server?.stop()]);
  });

  test('given a static role, when read without its `ttl`, then one version until it is rotated, and the directory takes each password', async () => {
    const LDAP = read('ldap/static-cred/app', { ignore: ['ttl'] });
    const source = sourceOf({ address: server.address, auth: token(server.token), secrets: { LDAP } });
    const passwordOf = ({ value }: { value: unknown }) => (value as { password: string }).password;
    const before = await versionOf(source, 'LDAP');
    expect(before.value).not.toHaveProperty('ttl');
    await expect(login('canary-first')).rejects.toMatchObject({ status: 400 });
    expect((await login(passwordOf(before))).auth.metadata).toEqual({ username: 'app' });
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // Vault counts `ttl` down in whole seconds
    expect((await versionOf(source, 'LDAP')).version).toBe(before.version);
    await client.write('ldap/rotate-role/app');
    const after = await versionOf(source, 'LDAP');
    expect(after.version).not.toBe(before.version);
    await expect(login(passwordOf(before))).rejects.toMatchObject({ status: 400 });
    expect((await login(passwordOf(after))).auth.metadata).toEqual({ username: 'app' });
  });

  test('given the engine of one’s own from the docs, when read, then it tells when Vault rotates next', async () => {
    const LDAP = VaultSecret.of({
      verb: 'reading',
      place: 'ldap/static-cred/app',
      reading: 'stays',
      open: async (calls, { now }) => {
        const answer = await calls.read<{ ttl: number; username: string; password: string }>('ldap/static-cred/app');
        const { ttl, ...data } = answer.data;
        return { data, expiresAt: new Date(now + ttl * 1000 + 500) };
      },
    });
    const source = sourceOf({ address: server.address, auth: token(server.token), secrets: { LDAP } });
    const { value, expiresAt } = await versionOf(source, 'LDAP');
    expect(value).toMatchObject({ username: 'app', password: expect.any(String) });
    const left = expiresAt!.getTime() - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_500);
  });
});
