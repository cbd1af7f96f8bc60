import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultAuthentication, VaultClient, VaultSource } from '../../../lib/sources/vault/index.js';
import { awsIam, cert, jwt, kubernetes } from '../../../lib/sources/vault/index.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { describeOnEachVault, describeWith } from '../../servers/available.js';
import { startMoto } from '../../servers/moto.server.js';
import type { SealableVault, VaultServer } from '../../servers/vault.server.js';
import { createSealableVault, startDevVault } from '../../servers/vault.server.js';
import { stopServers } from '../support/server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { IAM_SERVER_ID, iamCredentials, setUpIam } from '../vault/support/iam.js';
import { jwtOf, jwtPublicKey } from '../vault/support/jwt.js';
import { kvReady } from '../vault/support/kv-ready.js';
import { setUpKubernetes } from '../vault/support/kubernetes.js';
import { until } from './support/app.js';
import { closeSources, outcomeOf, sourceOf, valueOf } from './support/sources.js';

const POLICY = 'path "secret/*" { capabilities = ["read", "list"] }';

/** One secret, and a policy `app` that may read it. */
async function setUpSecret(root: VaultClient): Promise<void> {
  await root.kv.v2.createOrUpdate('app/db', { password: 'canary-value' });
  await root.sys.createOrUpdatePolicy('app', POLICY);
}

/** Ends the tokens that were made while `work` ran. */
async function revokingTokens(root: VaultClient, work: () => Promise<unknown>): Promise<void> {
  const accessors = async () => (await root.list('auth/token/accessors')).data.keys;
  const before = new Set(await accessors());
  await work();
  const made = (await accessors()).filter((one) => !before.has(one));
  expect(made).toHaveLength(1);
  for (const accessor of made) await root.write('auth/token/revoke-accessor', { accessor });
}

function fileWith(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vault-credential-')), 'token');
  writeFileSync(file, content);
  return file;
}

describeOnEachVault([], 'vault() against %s: logins of platforms', (product) => {
  let server: VaultServer;
  let root: VaultClient;
  const make = (auth: VaultAuthentication): VaultSource =>
    sourceOf({ address: server.address, kv: { prefix: 'app' }, auth });

  beforeAll(async () => {
    server = await startDevVault(product);
    root = clientTo(server);
    await setUpSecret(root);
  });
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await stopServers();
    await server?.stop();
  });

  test('given a pod, when its token is replaced, then the next login reads it anew; a service account that Kubernetes knows no more is refused, and not printed', async () => {
    const cluster = await setUpKubernetes(root, 'app');
    const tokenFile = fileWith(`${cluster.serviceAccount}\n`);
    const source = make(kubernetes({ role: 'web', tokenFile }));
    await revokingTokens(root, async () => {
      expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
    });
    const another = jwtOf({
      iss: 'kubernetes/serviceaccount',
      aud: ['vault'],
      sub: 'system:serviceaccount:shop:web',
      jti: 'another',
      'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'web', uid: 'u-1' } },
    });
    writeFileSync(tokenFile, another);
    await revokingTokens(root, () => valueOf(source, 'db'));
    const reviewed = cluster.server.requests.map(({ body }) => (JSON.parse(body) as { spec: { token: string } }).spec);
    expect(reviewed.map(({ token }) => token)).toEqual([cluster.serviceAccount, another]);
    cluster.agrees(false);
    const refused = await outcomeOf(source, 'db');
    expect(refused).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed(refused)).not.toContain(another);
  });

  test('given a JWT from a function, when another login is due, then another JWT is asked for; one for somebody else is refused, and not printed', async () => {
    await root.sys.enableAuthMethod('jwt');
    await root.write('auth/jwt/config', { jwt_validation_pubkeys: [jwtPublicKey] });
    const role = { role_type: 'jwt', bound_audiences: ['vault'], user_claim: 'sub', token_policies: 'app' };
    await root.write('auth/jwt/role/ci', role);
    const given: string[] = [];
    let audience = 'vault';
    const source = make(
      jwt({
        role: 'ci',
        jwt: () => {
          given.push(jwtOf({ sub: `job-${given.length}`, aud: audience }));
          return Promise.resolve(given.at(-1)!);
        },
      }),
    );
    await revokingTokens(root, () => valueOf(source, 'db'));
    await revokingTokens(root, () => valueOf(source, 'db'));
    expect(given).toHaveLength(2);
    audience = 'elsewhere';
    const refused = await outcomeOf(source, 'db');
    expect(refused).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed(refused)).not.toContain(given.at(-1));
    // Vault, where it refused our credentials, is asked again after a second.
    audience = 'vault';
    await until('the next login', async () => !((await outcomeOf(source, 'db')) instanceof Error));
  });
});

describeOnEachVault([], 'vault() against %s: the login by certificate', (product) => {
  let server: SealableVault;
  let root: VaultClient;

  beforeAll(async () => {
    server = await createSealableVault(product);
    root = clientTo(server, { tls: { ca: server.ca } });
    const init = { secret_shares: 1, secret_threshold: 1 };
    const { data } = await root.write<{ keys_base64: string[]; root_token: string }>('sys/init', init);
    await root.sys.unseal(data.keys_base64[0]!);
    root.token = data.root_token;
    await until('Vault is active', async () => (await root.sys.health()).state === 'active');
    await root.sys.enableEngine('kv', { path: 'secret', options: { version: '2' } });
    await kvReady(root);
    await setUpSecret(root);
    await root.sys.enableAuthMethod('cert');
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.destroy();
  });

  /** A certificate of an authority of its own, at its own mount, so that the role can be told to take no other. */
  async function issue(mount: string) {
    await root.sys.enableEngine('pki', { path: mount });
    const key = { key_type: 'ec', key_bits: 256 };
    await root.write(`${mount}/root/generate/internal`, { common_name: `${mount} CA`, ttl: '24h', ...key });
    await root.write(`${mount}/roles/clients`, { allow_any_name: true, client_flag: true, ttl: '1h', ...key });
    return (await root.pki.issue('clients', { commonName: 'app.test' }, { mount })).data;
  }

  const trust = (authority: string) =>
    root.write('auth/cert/certs/app', { certificate: authority, token_policies: 'app' });

  test('given certificate and key in files, when they are replaced, then the next login goes with the new ones, and reading with a good token goes on', async () => {
    const [one, two] = [await issue('pki-one'), await issue('pki-two')];
    await trust(one.issuing_ca);
    const [certFile, keyFile] = [fileWith(one.certificate), fileWith(one.private_key)];
    const source = sourceOf({
      address: server.address,
      kv: { prefix: 'app' },
      auth: cert({ name: 'app' }),
      tls: { ca: server.ca, certFile, keyFile },
    });
    await revokingTokens(root, () => valueOf(source, 'db'));
    await trust(two.issuing_ca);
    expect(await outcomeOf(source, 'db')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    writeFileSync(certFile, 'half written');
    writeFileSync(keyFile, two.private_key);
    await until('refused still', async () => (await outcomeOf(source, 'db')) instanceof Error);
    writeFileSync(certFile, two.certificate);
    await until('the new certificate is taken', async () => !((await outcomeOf(source, 'db')) instanceof Error));
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
  }, 30_000);

  test('given no certificate, when read, then the login is refused, with what to do', async () => {
    const source = sourceOf({
      address: server.address,
      kv: { prefix: 'app' },
      auth: cert(),
      tls: { ca: server.ca },
    });
    const error = await outcomeOf(source, 'db');
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect((error as Error).message).toMatch(/certificate/);
  });
});

describeWith(['HashiCorp Vault', 'moto'], 'vault() against HashiCorp Vault: the login by AWS IAM', () => {
  test('given a provider of credentials, when another login is due, then it is asked anew; wrong server IDs are refused, and nothing signed is printed', async () => {
    const [server, moto] = await Promise.all([startDevVault(), startMoto()]);
    try {
      const root = clientTo(server);
      await setUpSecret(root);
      await setUpIam(root, moto, 'app');
      let asked = 0;
      const credentials = () => {
        asked += 1;
        return Promise.resolve(iamCredentials);
      };
      const common = { address: server.address, kv: { prefix: 'app' } };
      const source = sourceOf({ ...common, auth: awsIam({ role: 'app', serverId: IAM_SERVER_ID, credentials }) });
      await revokingTokens(root, () => valueOf(source, 'db'));
      expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
      expect(asked).toBe(2);
      const wrong = awsIam({ role: 'app', serverId: 'else.test', credentials });
      const refused = await outcomeOf(sourceOf({ ...common, auth: wrong }), 'db');
      expect(refused).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
      expect(printed([refused, wrong])).not.toMatch(/canary|AKIA|Signature=/);
    } finally {
      await closeSources();
      await closeClients();
      await Promise.all([server.stop(), moto.stop()]);
    }
  }, 60_000);
});
