import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { HcpVaultSecretsEmulator } from '../../lib/testing/emulator/index.js';
import { removeFolders, temporaryFolder } from '../contract/support/temporary-folder.js';
import { describeWith } from '../servers/available.js';
import { GoogleSecretManagerServer, PROJECT } from '../servers/google/secret-manager.server.js';
import { KeyVaultServer } from '../servers/key-vault/index.js';
import { ALICE, KubernetesServer } from '../servers/kubernetes.server.js';
import type { MotoServer } from '../servers/moto.server.js';
import { startMoto } from '../servers/moto.server.js';
import type { SealableVault, VaultServer } from '../servers/vault.server.js';
import { createSealableVault, startDevVault } from '../servers/vault.server.js';
import { administrator, credentials } from '../sources/aws/aws.js';
import { appVariables } from '../sources/azure/azure.js';
import { kubeconfigOf } from '../sources/kubernetes/support/namespace.js';
import type { TestServer } from '../sources/support/server.js';
import { startServer, stopServers } from '../sources/support/server.js';
import { clientTo, closeClients } from '../sources/vault/support/clients.js';
import { called, printedSoFar, withEnvironment } from './support/called.js';

interface Finding {
  readonly check: string;
  readonly outcome: string;
  readonly says: string;
  readonly remedy?: string;
}

/** A misconfiguration: what is called, and what doctor has to say of it. */
interface Seeded {
  readonly source: string;
  readonly name?: string;
  readonly environment?: Record<string, string>;
  readonly check: string;
  readonly outcome?: 'fail' | 'warn';
  readonly says: RegExp;
  readonly remedy: RegExp;
}

/** None that the machine has may help. */
const BARE = {
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_MAX_ATTEMPTS: '1',
  METADATA_SERVER_DETECTION: 'none',
};
const KEYS = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };

async function examined(source: string, names: readonly string[], environment: Record<string, string>) {
  const restore = withEnvironment({ ...BARE, ...environment });
  try {
    const options = names.flatMap((name) => ['--name', name]);
    const { code, out, err } = await called(['doctor', '--source', source, ...options, '--format', 'json'], {
      ...BARE,
      ...environment,
    });
    if (out === '') throw new Error(`no report: ${err}`);
    return { code, findings: (JSON.parse(out) as { checks: Finding[] }).checks };
  } finally {
    restore();
  }
}

describeWith(['HashiCorp Vault', 'OpenBao', 'moto', 'Kubernetes'], 'doctor', () => {
  let vault: VaultServer;
  let openBao: VaultServer;
  let sealed: SealableVault;
  let moto: MotoServer;
  let kubernetes: KubernetesServer;
  let google: GoogleSecretManagerServer;
  let azure: KeyVaultServer;
  let hcp: HcpVaultSecretsEmulator;
  let late: TestServer;
  let expired: TestServer;
  let foreign: TestServer;
  let limited: string;
  const folder = temporaryFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  beforeAll(async () => {
    const [year, old] = [365 * 86_400_000, 86_400_000];
    const made = (notBeforeDate: Date, notAfterDate: Date, name: string) =>
      generate([{ name: 'commonName', value: name }], {
        keySize: 2048,
        notBeforeDate,
        notAfterDate,
        extensions: [{ name: 'subjectAltName', altNames: name === 'localhost' ? [{ type: 7, ip: '127.0.0.1' }] : [{ type: 2, value: name }] }], // prettier-ignore
      });
    const now = Date.now();
    [vault, openBao, sealed, moto, kubernetes, google, azure, hcp] = await Promise.all([
      startDevVault('vault'),
      startDevVault('openbao'),
      createSealableVault(),
      startMoto(),
      KubernetesServer.start(),
      GoogleSecretManagerServer.start(),
      KeyVaultServer.start(),
      HcpVaultSecretsEmulator.start({
        apps: { web: { KEY: 'canary-hcp', DB: { type: 'dynamic', values: { a: 'canary-dynamic' } } } },
      }),
    ]);
    late = await startServer((_, response) => {
      response.setHeader('date', new Date(now - 3_600_000).toUTCString());
      response.setHeader('content-type', 'application/json');
      response.end('{"initialized":true,"sealed":false}');
    });
    const past = await made(new Date(now - year), new Date(now - old), 'localhost');
    expired = await startServer((_, response) => void response.end('{}'), { key: past.private, cert: past.cert });
    const other = await made(new Date(now - old), new Date(now + year), 'other.example');
    foreign = await startServer((_, response) => void response.end('{}'), { key: other.private, cert: other.cert });
    const client = clientTo(vault);
    await client.kv.v2.createOrUpdate('shop/DB', { password: 'canary-db' });
    await client.sys.enableEngine('kv', { path: 'old', options: { version: '1' } });
    await client.sys.createOrUpdatePolicy('limited', 'path "secret/data/other/*" { capabilities = ["read"] }');
    limited = (await client.auth.token.create({ policies: ['limited'] })).auth.client_token;
    const aws = administrator(moto.endpoint);
    await aws.create('shop/DB', 'canary-aws');
    aws.end();
    google.set('KEY', 'canary-google');
    azure.secrets.set('KEY', 'canary-azure');
  }, 120_000);
  afterAll(async () => {
    await closeClients();
    await stopServers();
    await Promise.all([vault?.stop(), openBao?.stop(), sealed?.destroy(), moto?.stop(), kubernetes?.destroy(), google?.stop(), azure?.stop(), hcp?.stop()]); // prettier-ignore
    removeFolders();
    expect(printedSoFar.join('')).not.toMatch(/canary/);
  });

  const token = () => ({ VAULT_TOKEN: vault.token, VAULT_ADDR: vault.address });
  const at = (address: string) => ({ VAULT_TOKEN: 'canary-token', VAULT_ADDR: address });
  const aws = () => ({ ...KEYS, AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint });
  const kube = (access: object = {}) => kubeconfigOf({ server: kubernetes }, { token: ALICE, namespace: 'default', ...access }); // prettier-ignore

  const seeded: Record<string, () => Seeded | Promise<Seeded>> = {
    'a port at which nothing listens': () => ({
      source: 'vault:secret',
      environment: at('http://127.0.0.1:1'),
      check: 'reachable',
      says: /nothing listens at 127\.0\.0\.1:1/,
      remedy: /Check the port/,
    }),
    'a host that has no address': () => ({
      source: 'vault:secret',
      environment: at('https://vault.invalid:8200'),
      check: 'DNS',
      says: /vault\.invalid leads to no address/,
      remedy: /name servers/,
    }),
    'plain http to another machine': () => ({
      source: 'vault:secret',
      environment: at('http://vault.example:8200'),
      check: 'settings',
      says: /http/,
      remedy: /https/,
    }),
    'a CA that is not trusted': () => ({
      source: 'vault:secret',
      environment: at(sealed.address),
      check: 'TLS',
      says: /SELF_SIGNED|certificate|TLS/i,
      remedy: /CA|NODE_EXTRA_CA_CERTS/,
    }),
    'a Vault that is sealed, or not initialized': () => ({
      source: 'vault:secret',
      environment: at(sealed.address),
      check: 'server',
      says: /not initialized|sealed/,
      remedy: /init|unseal/i,
    }),
    'a certificate that has expired': () => ({
      source: 'vault:secret',
      environment: at(expired.url),
      check: 'TLS',
      says: /expired on \d{4}-/,
      remedy: /renewed/,
    }),
    'a certificate for another host': () => ({
      source: 'vault:secret',
      environment: at(foreign.url),
      check: 'TLS',
      says: /is for other\.example, and not for 127\.0\.0\.1/,
      remedy: /name that the certificate has/,
    }),
    'https to a port of plain http': () => ({
      source: 'vault:secret',
      environment: at(vault.address.replace('http:', 'https:')),
      check: 'TLS',
      says: /speaks no TLS/,
      remedy: /scheme and the port/,
    }),
    'a clock that is off': () => ({
      source: 'vault:secret',
      environment: at(late.url),
      check: 'clock',
      says: /60 min ahead of the server/,
      remedy: /NTP/,
    }),
    'a service that is not a Vault': () => ({
      source: 'vault:secret',
      environment: at(moto.endpoint),
      check: 'server',
      outcome: 'warn',
      says: /does not speak as Vault and OpenBao do/,
      remedy: /gateway/,
    }),
    'no login for Vault': () => ({
      source: 'vault:secret',
      environment: { VAULT_ADDR: vault.address },
      check: 'settings',
      says: /needs a login/,
      remedy: /Correct the source|VAULT_TOKEN/,
    }),
    'a token that Vault does not know': () => ({
      source: 'vault:secret/shop',
      name: 'DB',
      environment: at(vault.address),
      check: 'credentials',
      says: /token/i,
      remedy: /./,
    }),
    'a secret ID that is wrong': async () => {
      const client = clientTo(vault);
      await client.sys.enableAuthMethod('approle');
      return { source: 'vault:secret/shop', environment: { VAULT_ADDR: vault.address, VAULT_ROLE_ID: 'canary-role', VAULT_SECRET_ID: 'canary-id' }, check: 'credentials', says: /./, remedy: /role|secret/i }; // prettier-ignore
    },
    'a policy that does not allow the path': () => ({
      source: 'vault:secret/shop',
      name: 'DB',
      environment: { ...token(), VAULT_TOKEN: limited },
      check: 'rights',
      says: /`?read`? on .*secret\/data\/shop\/DB|denie/,
      remedy: /polic|capab|grant/i,
    }),
    'a mount that is not there': () => ({
      source: 'vault:none/shop',
      name: 'DB',
      environment: token(),
      check: 'read|settings|server|rights',
      says: /no such mount/,
      remedy: /`mount`/,
    }),
    '`data/` in the name': () => ({
      source: 'vault:secret',
      name: 'data/shop/DB',
      environment: token(),
      check: 'read',
      says: /data\/shop\/DB/,
      remedy: /part of KV's API/,
    }),
    'a slip in the name': () => ({
      source: 'vault:secret/shop',
      name: 'DV',
      environment: token(),
      check: 'read',
      says: /"DV"/,
      remedy: /Did you mean "?DB/,
    }),
    'the wrong version of KV': () => ({
      source: 'vault:old?version=2',
      name: 'DB',
      environment: token(),
      check: 'settings',
      says: /is of version 1, and not 2/,
      remedy: /Correct `version`/,
    }),
    'a namespace that is not there': () => ({
      source: 'vault:secret/shop?namespace=none',
      name: 'DB',
      environment: { VAULT_TOKEN: openBao.token, VAULT_ADDR: openBao.address },
      check: 'read|credentials|rights',
      says: /./,
      remedy: /./,
    }),
    'an option that is misspelt': () => ({
      source: 'vault:secret?adress=x',
      environment: token(),
      check: 'settings',
      says: /no option "adress".*Did you mean "?address/,
      remedy: /Correct the source/,
    }),
    'a proxy that is gone': () => ({
      source: 'vault:secret',
      environment: {
        ...at('https://vault.example:8200'),
        HTTPS_PROXY: 'http://127.0.0.1:1',
        https_proxy: 'http://127.0.0.1:1',
      },
      check: 'proxy',
      says: /HTTPS_PROXY: nothing listens/,
      remedy: /NO_PROXY/,
    }),
    'a file of CAs that is not there': () => ({
      source: 'vault:secret/shop',
      environment: { ...token(), NODE_EXTRA_CA_CERTS: '/nonexistent/ca.pem' },
      check: 'environment',
      says: /NODE_EXTRA_CA_CERTS names a file that can't be read/,
      remedy: /path/,
    }),
    'no credentials for AWS': () => ({
      source: 'aws-sm:shop/',
      name: 'DB',
      environment: { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint },
      check: 'credentials',
      says: /credential/i,
      remedy: /AWS_|credential|profile|role/,
    }),
    'no region': () => ({
      source: 'aws-sm:shop/',
      name: 'DB',
      environment: KEYS,
      check: 'settings',
      says: /region/i,
      remedy: /region|AWS_REGION/,
    }),
    'a secret that is in another region': () => ({
      source: 'aws-sm:shop/',
      name: 'DB',
      environment: { ...aws(), AWS_REGION: 'us-east-1' },
      check: 'read',
      says: /"DB"/,
      remedy: /us-east-1.* only|holds nothing/,
    }),
    'a parameter that is not there': () => ({
      source: 'aws-ssm:/shop/',
      name: 'NONE',
      environment: { ...KEYS, AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_SSM: moto.endpoint },
      check: 'read',
      says: /"NONE"/,
      remedy: /eu-central-1/,
    }),
    'a kubeconfig that is not there': () => ({
      source: 'k8s:shop?kubeconfig=/nonexistent/config',
      name: 'db',
      check: 'settings',
      says: /kubeconfig|config/i,
      remedy: /./,
    }),
    'a role of Kubernetes that does not allow it': () => ({
      source: `k8s:default?kubeconfig=${kube()}`,
      name: 'db',
      check: 'rights',
      says: /403|denied|forbidden/i,
      remedy: /role|verb|grant|RBAC/i,
    }),
    'a token that Kubernetes does not know': () => ({
      source: `k8s:default?kubeconfig=${kube({ token: 'canary-none' })}`,
      name: 'db',
      check: 'credentials',
      says: /401|credential|token/i,
      remedy: /./,
    }),
    'a key file of Google that is broken': () => ({
      source: `gcp:${PROJECT}?endpoint=${google.url}`,
      name: 'KEY',
      environment: { GOOGLE_APPLICATION_CREDENTIALS: file('key.json', '{"canary-broken"') },
      check: 'settings|credentials',
      says: /GOOGLE_APPLICATION_CREDENTIALS|JSON|key file|credential/i,
      remedy: /./,
    }),
    'no credentials for Google': () => ({
      source: `gcp:${PROJECT}?endpoint=${google.url}`,
      name: 'KEY',
      check: 'credentials|settings',
      says: /credential/i,
      remedy: /./,
    }),
    'a CA of Azure that is not trusted': () => ({
      source: `azure:${azure.url}`,
      name: 'KEY',
      environment: appVariables(azure),
      check: 'TLS',
      says: /SELF_SIGNED/,
      remedy: /NODE_EXTRA_CA_CERTS/,
    }),
    'an app of Azure without its tenant': () => ({
      source: `azure:${azure.url}`,
      name: 'KEY',
      environment: { AZURE_CLIENT_ID: 'canary-id', AZURE_CLIENT_SECRET: 'canary-azure-secret' },
      check: 'settings|credentials',
      says: /AZURE_TENANT_ID/,
      remedy: /./,
    }),
    'a vault of Azure by a name that can be none': () => ({
      source: 'azure:https://prod.vault.azure.net/secrets/x',
      name: 'KEY',
      environment: appVariables(azure),
      check: 'settings',
      says: /vault/i,
      remedy: /./,
    }),
    'a client secret of HCP that is wrong': () => ({
      source: 'hcp:',
      name: 'KEY',
      environment: { ...hcp.environment, HCP_CLIENT_SECRET: 'canary-wrong' },
      check: 'credentials',
      says: /./,
      remedy: /client/i,
    }),
    'an app of HCP that is not there': () => ({
      source: 'hcp:none',
      name: 'KEY',
      environment: hcp.environment,
      check: 'read',
      says: /./,
      remedy: /./,
    }),
    'a folder that is not there': () => ({
      source: 'dir:/nonexistent/secrets',
      name: 'KEY',
      check: 'read|server|settings',
      says: /nonexistent/,
      remedy: /./,
    }),
    'a folder in place of a file': () => {
      mkdirSync(join(folder, 'folder.env'), { recursive: true });
      return {
        source: `file:${join(folder, 'folder.env')}`,
        name: 'KEY',
        check: 'settings|read|server',
        says: /./,
        remedy: /./,
      };
    },
    'a file that does not parse': () => ({
      source: `file:${file('odd.json', '{"KEY": canary-odd')}`,
      name: 'KEY',
      check: 'settings|server',
      says: /JSON/,
      remedy: /./,
    }),
    'a prefix of variables that is misspelt': () => ({
      source: 'env:AAP_',
      name: 'DB',
      environment: { APP_DB: 'canary-env' },
      check: 'read',
      says: /"DB"/,
      remedy: /holds nothing at all|prefix/,
    }),
  };

  test.each(Object.keys(seeded))(
    'given %s, then it says so in one sentence, and in another what to do',
    async (title) => {
      const { source, name, environment = {}, check, outcome = 'fail', says, remedy } = await seeded[title]!();
      const { code, findings } = await examined(source, name === undefined ? [] : [name], environment);
      const wanted = new RegExp(`^(?:${check})$`);
      const found = findings.filter((one) => one.outcome === outcome && wanted.test(one.check));
      const text = JSON.stringify(findings, null, 1);
      expect([text, found.length > 0]).toEqual([text, true]);
      expect(found.some((one) => says.test(one.says) && remedy.test(one.remedy ?? '')) || text).toBe(true);
      if (outcome === 'fail') expect(code).toBe(1);
      expect(text).not.toMatch(/canary/);
    },
    30_000,
  );

  test('given all is well, then each step says so, and nothing dynamic is opened', async () => {
    const { code, findings } = await examined('vault:secret/shop', ['DB'], token());
    expect(findings.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      'settings ok', 'DNS ok', 'reachable ok', 'clock ok', 'server ok', 'list ok', 'read ok',
    ]); // prettier-ignore
    expect(code).toBe(0);
    const own = await examined('hcp:', ['KEY', 'DB'], hcp.environment);
    expect(own.findings.slice(-2)).toMatchObject([{ says: expect.stringMatching(/"KEY" was read/) as string }, { says: expect.stringMatching(/dynamic: it was not opened/) as string }]); // prettier-ignore
    expect(hcp.opened('web', 'DB')).toBe(0);
    const text = await called(['doctor', '--source', 'vault:secret/shop', '--name', 'DB'], token());
    expect(text.out).toMatch(/^ok {4}settings {5}vault at http/);
  }, 30_000);

  test('given Vault and OpenBao, when looked at, then each is called what it is; where that can not be known, by both names', async () => {
    const server = async ({ address, token }: VaultServer) => {
      const { findings } = await examined('vault:secret', [], { VAULT_TOKEN: token, VAULT_ADDR: address });
      return findings.find(({ check }) => check === 'server')?.says;
    };
    expect(await server(vault)).toMatch(/^Vault 1\.\d+\.\d+ is unsealed\.$/);
    expect(await server(openBao)).toMatch(/^OpenBao 2\.\d+\.\d+ is unsealed\.$/);
    expect(await server({ ...vault, address: late.url })).toBe('Vault or OpenBao is unsealed.');
  });
});
