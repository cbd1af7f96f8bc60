// A development server of its own, ended by its own process ID.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { vaultBinary } from '../../test/servers/locations.mjs';

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export async function startVault() {
  const binary = vaultBinary();
  if (!binary) throw new Error('No Vault on this machine: npm run servers');
  const [port, token] = [await freePort(), 'bench-root'];
  const address = `http://127.0.0.1:${port}`;
  const child = spawn(
    binary,
    ['server', '-dev', `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'],
    { stdio: 'ignore' },
  );
  const headers = { 'X-Vault-Token': token };
  const write = {
    method: 'POST',
    headers,
    body: JSON.stringify({ data: { value: 'the value', other: 'x'.repeat(200) } }),
  };
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await globalThis.fetch(`${address}/v1/secret/data/bench/secret`, write).catch(() => undefined);
    if (answer?.ok) break;
    if (tries === 299) throw new Error('Vault does not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    address,
    token,
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
