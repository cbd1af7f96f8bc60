import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { certificate } from '../sources/support/certificate.js';
import type { ChildServer } from './child.server.js';
import { freePort, startChild } from './child.server.js';
import { hashiCorpVaultBinary, openBaoBinary, vaultBinary } from './locations.mjs';

export interface VaultServer {
  readonly address: string;
  readonly token: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** HashiCorp Vault, or OpenBao, which began as its fork and speaks its API. */
export type VaultProduct = 'vault' | 'openbao';

/** Without a wish it is HashiCorp Vault, else what is there. */
function productOf(wish: VaultProduct | undefined): { readonly product: VaultProduct; readonly command: string } {
  const [hashiCorp, openBao] = [hashiCorpVaultBinary(), openBaoBinary()];
  if (hashiCorp && wish !== 'openbao') return { product: 'vault', command: hashiCorp };
  if (openBao && wish !== 'vault') return { product: 'openbao', command: openBao };
  throw new Error(`No ${wish ?? 'vault'}: npm run servers`);
}

/** A development server: unsealed, in memory, KV v2 at `secret/`. Without a wish and a binary it is the one that VAULT_ADDR and VAULT_TOKEN name. */
export async function startDevVault(wish?: VaultProduct): Promise<VaultServer> {
  const { VAULT_ADDR: given, VAULT_TOKEN: givenToken } = process.env;
  if (!wish && !vaultBinary() && given && givenToken) {
    return { address: given, token: givenToken, stop: async () => {} };
  }
  const { product, command } = productOf(wish);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const token = `root-${randomBytes(8).toString('hex')}`;
  const home = mkdtempSync(join(tmpdir(), 'vault-dev-'));
  const config = join(home, 'dev.hcl');
  // OpenBao refuses audit devices that come by its API, unless it is told otherwise.
  if (product === 'openbao') writeFileSync(config, 'unsafe_allow_api_audit_creation = true\n');
  const child = await startChild({
    command,
    args: [
      'server',
      '-dev',
      `-dev-root-token-id=${token}`,
      `-dev-listen-address=127.0.0.1:${port}`,
      '-dev-no-store-token',
      ...(product === 'openbao' ? [`-config=${config}`] : []),
    ],
    env: { HOME: home },
    ready: async () =>
      (await request(`${address}/v1/secret/config`, { headers: { 'X-Vault-Token': token } })).statusCode === 200,
  });
  return {
    address,
    token,
    async stop(signal) {
      await child.stop(signal);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A server as in production: storage on disk, TLS, sealed after each start. */
export interface SealableVault {
  readonly address: string;
  /** PEM of the CA. */
  readonly ca: string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its storage. */
  destroy(): Promise<void>;
}

const onFiles = (path: string): string => `disable_mlock = true
storage "file" {
  path = "${path}"
}`;

/** OpenBao has no storage in plain files, and no `disable_mlock`. */
const onRaft = (path: string): string => `storage "raft" {
  path = "${path}"
  node_id = "only"
}`;

const onRaftUnlocked = (path: string): string => `disable_mlock = true
${onRaft(path)}`;

/**
 * Once unsealed, OpenBao takes a moment more until it is active: its storage elects a leader, even of one.
 * @param storage of HashiCorp Vault's; OpenBao's is Raft.
 */
export async function createSealableVault(
  wish?: VaultProduct,
  storage: 'files' | 'raft' = 'files',
): Promise<SealableVault> {
  const { product, command } = productOf(wish);
  const folder = mkdtempSync(join(tmpdir(), 'vault-sealable-'));
  const [port, { key, cert }] = [await freePort(), await certificate('vault.test')];
  const address = `https://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  const data = join(folder, 'data');
  mkdirSync(data);
  const raft = await freePort();
  writeFileSync(
    join(folder, 'vault.hcl'),
    `api_addr = "${address}"
cluster_addr = "https://127.0.0.1:${raft}"
${product === 'openbao' ? onRaft(data) : storage === 'raft' ? onRaftUnlocked(data) : onFiles(data)}
listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${raft}"
  tls_cert_file = "${join(folder, 'cert.pem')}"
  tls_key_file = "${join(folder, 'key.pem')}"
}
`,
  );
  const agent = new Agent({ connect: { ca: cert } });
  let child: ChildServer | undefined;
  const server: SealableVault = {
    address,
    ca: cert,
    async start() {
      child = await startChild({
        command,
        args: ['server', `-config=${join(folder, 'vault.hcl')}`],
        env: { HOME: folder },
        ready: async () => {
          const { statusCode, body } = await request(`${address}/v1/sys/seal-status`, { dispatcher: agent });
          await body.dump();
          return statusCode === 200;
        },
      });
    },
    async stop(signal) {
      await child?.stop(signal);
      child = undefined;
    },
    async destroy() {
      await server.stop();
      await agent.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
