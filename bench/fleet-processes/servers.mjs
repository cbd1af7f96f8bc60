// One redis-server, or a Redis Cluster of three, on free loopback ports; nothing of it is kept.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Below 55,536: a cluster's bus listens on the port that is 10,000 higher. */
async function freePort() {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    if (port < 55_000) return port;
  }
}

async function startNode(args) {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...fixed, ...args], { stdio: 'ignore' });
  const cli = (...words) =>
    spawnSync('redis-cli', ['-p', `${port}`, ...words], { encoding: 'utf8', maxBuffer: 1e8 }).stdout.trimEnd();
  while (cli('ping') !== 'PONG') await pause(20);
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(dir, { recursive: true, force: true });
  };
  return { port, cli, stop };
}

export async function startServers(isCluster) {
  if (!isCluster) return [await startNode([])];
  const nodes = [];
  for (let node = 0; node < 3; node += 1) nodes.push(await startNode(['--cluster-enabled', 'yes']));
  const all = nodes.map(({ port }) => `127.0.0.1:${port}`);
  nodes[0].cli('--cluster', 'create', ...all, '--cluster-replicas', '0', '--cluster-yes');
  for (const node of nodes) while (!node.cli('cluster', 'info').includes('cluster_state:ok')) await pause(50);
  return nodes;
}
