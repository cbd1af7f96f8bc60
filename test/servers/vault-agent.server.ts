import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { freePort, startChild } from './child.server.js';
import { hashiCorpVaultBinary, openBaoBinary } from './locations.mjs';
import type { VaultProduct } from './vault.server.js';

export interface VaultAgentServer {
  /** `unix:///…` */
  readonly socket: string;
  /** `http://127.0.0.1:…` */
  readonly address: string;
  stop(): Promise<void>;
}

/** `vault agent` or `vault proxy` before a server: logs in by AppRole, adds its token, and wants `X-Vault-Request`. */
export async function startVaultAgent(
  kind: 'agent' | 'proxy',
  product: VaultProduct,
  target: string,
  login: { readonly roleId: string; readonly secretId: string },
): Promise<VaultAgentServer> {
  const command = product === 'vault' ? hashiCorpVaultBinary() : openBaoBinary();
  if (command === undefined) throw new Error(`No ${product}: npm run servers`);
  const folder = mkdtempSync(join(tmpdir(), 'vault-agent-'));
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const port = await freePort();
  const socket = join(folder, 'vault.sock');
  const config = file(
    'agent.hcl',
    `vault { address = "${target}" }
auto_auth {
  method "approle" {
    config = {
      role_id_file_path = "${file('role-id', login.roleId)}"
      secret_id_file_path = "${file('secret-id', login.secretId)}"
      remove_secret_id_file_after_reading = false
    }
  }
}
api_proxy { use_auto_auth_token = "force" }
listener "unix" {
  address = "${socket}"
  tls_disable = true
  require_request_header = true
}
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_disable = true
  require_request_header = true
}
`,
  );
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  const child = await startChild({
    command,
    args: [kind, `-config=${config}`],
    env: { HOME: folder },
    ready: async () => {
      const { statusCode, body } = await request('http://localhost/v1/auth/token/lookup-self', {
        dispatcher,
        headers: { 'X-Vault-Request': 'true' },
      });
      await body.dump();
      return statusCode === 200;
    },
  });
  return {
    socket: `unix://${socket}`,
    address: `http://127.0.0.1:${port}`,
    async stop() {
      await child.stop();
      await dispatcher.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
