import type { VaultAuthentication, VaultOptions } from 'nestjs-hcp-vault/vault';
import { appRole, awsCredentials, kv, pkiCertificate, token, vault, VaultClient } from 'nestjs-hcp-vault/vault';
import { startMoto } from '../../servers/moto.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import type { Backend, BackendKind, Stored } from './backend.js';
import { SECRETS } from './backend.js';
import { Front } from './front.js';

const DOCUMENT = 'sample-app/secrets';
const DATABASE = 'sample-app/database';
type Secret = NonNullable<VaultOptions['secrets']>[string];

/** Texts as fields of one document, what HCP rotated as a secret of KV, what it issued by an engine: each in the shape that it had. */
async function backendAt(
  root: VaultClient,
  address: string,
  aws: Secret,
  how: { readonly auth: VaultAuthentication; readonly namespace?: string },
): Promise<Omit<Backend, 'stop'> & { readonly front: Front }> {
  const texts = Object.entries(SECRETS).filter(([, value]) => typeof value === 'string');
  await root.kv.v2.createOrUpdate(DOCUMENT, Object.fromEntries(texts));
  await root.kv.v2.createOrUpdate(DATABASE, (SECRETS['DATABASE'] as Exclude<Stored, string>).values);
  const front = await Front.before(address);
  return {
    front,
    source: vault({
      address: front.url,
      ...how,
      kv: { document: DOCUMENT },
      secrets: {
        DATABASE: kv(DATABASE, { map: ({ username, password }) => ({ values: { username, password } }) }),
        AWS: aws,
      },
    }),
    isIssuing: true,
    isReadOnly: false,
    rotate: (name, value) =>
      typeof value === 'string'
        ? root.kv.v2.patch(DOCUMENT, { [name]: value })
        : root.kv.v2.createOrUpdate(DATABASE, value.values),
    stored: async (name) => {
      const { data } = (await root.kv.v2.read<Record<string, string>>(DOCUMENT)).data;
      return data[name];
    },
    cut: () => front.cut(),
    restore: () => front.restore(),
    open: () => front.open,
  };
}

/** OpenBao has no engine for AWS: any that issues something stands for it, its fields under the old names. */
async function issuing(root: VaultClient): Promise<Secret> {
  await root.sys.enableEngine('pki');
  await root.write('pki/root/generate/internal', { common_name: 'canary ca', ttl: '24h' });
  await root.write('pki/roles/app', { allow_any_name: true, key_type: 'ec', key_bits: 256, max_ttl: '12h' });
  return pkiCertificate('app', {
    commonName: 'app.test',
    ttl: '1h',
    map: ({ serial_number: id, private_key: key }) => ({ values: { access_key_id: id, secret_access_key: key } }),
  });
}

/** The engine for AWS, with moto as AWS. */
async function issuingForAws(root: VaultClient, endpoint: string): Promise<Secret> {
  await root.sys.enableEngine('aws');
  const own = { access_key: 'canary-id', secret_key: 'canary-key', region: 'us-east-1' };
  await root.write('aws/config/root', { ...own, iam_endpoint: endpoint, sts_endpoint: endpoint });
  const role = { credential_type: 'assumed_role', role_arns: ['arn:aws:iam::123456789012:role/app'] };
  await root.write('aws/roles/app', role);
  return awsCredentials('app', { shape: 'hcp', ttl: '1h' });
}

const clientOf = ({ address, token }: VaultServer): VaultClient => new VaultClient({ address, token });

export const openBao: BackendKind = {
  title: 'OpenBao',
  needs: ['OpenBao'],
  async start() {
    const server = await startDevVault('openbao');
    const root = clientOf(server);
    const auth = token(server.token);
    const { front, ...backend } = await backendAt(root, server.address, await issuing(root), { auth });
    return { ...backend, stop: () => front.stop().then(() => server.stop()) };
  },
};

export const hashiCorpVault: BackendKind = {
  title: 'HashiCorp Vault',
  needs: ['HashiCorp Vault', 'moto'],
  async start() {
    const [server, moto] = await Promise.all([startDevVault('vault'), startMoto()]);
    const root = clientOf(server);
    const aws = await issuingForAws(root, moto.endpoint);
    const { front, ...backend } = await backendAt(root, server.address, aws, { auth: token(server.token) });
    return {
      ...backend,
      async stop() {
        await front.stop();
        await Promise.all([server.stop(), moto.stop()]);
      },
    };
  },
};

/** What a cluster of HCP Vault Dedicated permits below `admin`: engines, and no word of `sys`. */
const POLICY = `
path "secret/data/sample-app/*" { capabilities = ["read", "create", "update", "patch"] }
path "secret/metadata/sample-app/*" { capabilities = ["list", "read"] }
path "pki/issue/app" { capabilities = ["create", "update"] }
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/*" { capabilities = ["deny"] }
`;

/**
 * HCP Vault Dedicated gives no root namespace: all is below `admin`, and `sys` is closed to apps. OpenBao plays it, for it has namespaces as Vault
 * Enterprise does; the service itself was not at hand.
 */
export const dedicated: BackendKind = {
  title: 'HCP Vault Dedicated (OpenBao, namespace admin/shop, sys closed)',
  needs: ['OpenBao'],
  async start() {
    const server = await startDevVault('openbao');
    const top = clientOf(server);
    await top.sys.namespaces.create('admin');
    await top.withNamespace('admin').sys.namespaces.create('shop');
    const namespace = 'admin/shop';
    const root = new VaultClient({ address: server.address, token: server.token, namespace });
    await root.sys.enableEngine('kv', { path: 'secret', options: { version: '2' } });
    await root.sys.enableAuthMethod('approle');
    await root.sys.createOrUpdatePolicy('app', POLICY);
    await root.write('auth/approle/role/app', {
      token_policies: ['app'],
      token_no_default_policy: true,
      token_ttl: '1h',
    });
    const { data } = await root.read<{ role_id: string }>('auth/approle/role/app/role-id');
    const { secret_id: secretId } = (await root.auth.appRole.generateSecretId('app')).data;
    const auth = appRole({ roleId: data.role_id, secretId });
    const { front, ...backend } = await backendAt(root, server.address, await issuing(root), { auth, namespace });
    return { ...backend, stop: () => front.stop().then(() => server.stop()) };
  },
};
