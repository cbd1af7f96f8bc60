import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { certificate } from '../sources/support/certificate.js';
import type { ChildServer } from './child.server.js';
import { freePort, startChild } from './child.server.js';
import { vaultBinary } from './locations.mjs';

export interface VaultServer {
  readonly address: string;
  readonly token: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

function binary(): string {
  const found = vaultBinary();
  if (!found) throw new Error('No vault: npm run servers');
  return found;
}

/** A development server: unsealed, in memory, KV v2 at `secret/`. Without a binary it is the one that VAULT_ADDR and VAULT_TOKEN name. */
export async function startDevVault(): Promise<VaultServer> {
  const { VAULT_ADDR: given, VAULT_TOKEN: givenToken } = process.env;
  if (!vaultBinary() && given && givenToken) return { address: given, token: givenToken, stop: async () => {} };
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const token = `root-${randomBytes(8).toString('hex')}`;
  const home = mkdtempSync(join(tmpdir(), 'vault-dev-'));
  const child = await startChild({
    command: binary(),
    args: [
      'server',
      '-dev',
      `-dev-root-token-id=${token}`,
      `-dev-listen-address=127.0.0.1:${port}`,
      '-dev-no-store-token',
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

/** A server as in production: file storage, TLS, sealed after each start. */
export interface FileVault {
  readonly address: string;
  /** PEM of the CA. */
  readonly ca: string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its storage. */
  destroy(): Promise<void>;
}

export async function createFileVault(): Promise<FileVault> {
  const folder = mkdtempSync(join(tmpdir(), 'vault-file-'));
  const [port, { key, cert }] = [await freePort(), await certificate('vault.test')];
  const address = `https://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(
    join(folder, 'vault.hcl'),
    `disable_mlock = true
api_addr = "${address}"
storage "file" { path = "${join(folder, 'data')}" }
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_cert_file = "${join(folder, 'cert.pem')}"
  tls_key_file = "${join(folder, 'key.pem')}"
}
`,
  );
  const agent = new Agent({ connect: { ca: cert } });
  let child: ChildServer | undefined;
  const server: FileVault = {
    address,
    ca: cert,
    async start() {
      child = await startChild({
        command: binary(),
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
