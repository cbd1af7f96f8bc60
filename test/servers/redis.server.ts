import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ChildServer, freePort, startChild } from './child.server.js';
import { redisBinary } from './locations.mjs';

/** A Redis of the test's own, on a free loopback port, which keeps nothing on a disk but what a snapshot has when it is stopped gently. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** One command, by redis-cli; its answer as text. */
  cli(...command: string[]): string;
  /** SIGKILL: what it held is lost. */
  kill(): Promise<void>;
  /** The same port again. */
  start(): Promise<void>;
  /** Answers nothing, and keeps its connections. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  readonly args?: readonly string[];
  readonly port?: number;
}

export async function startRedis({ args = [], port: wanted }: RedisServerOptions = {}): Promise<RedisServer> {
  const command = redisBinary();
  if (!command) throw new Error('redis-server is not installed (apt-get install redis-server)');
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-redis-'));
  const port = wanted ?? (await freePort());
  const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const launch = (): Promise<ChildServer> =>
    startChild({ command, args: [...fixed, ...args], ready: () => answersPing(port) });
  let child = await launch();
  const cli = (...words: string[]): string => {
    const { stdout, stderr } = spawnSync(join(dirname(command), 'redis-cli'), ['-p', `${port}`, ...words], {
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    return stdout.trimEnd() || stderr;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    cli,
    kill: () => child.stop('SIGKILL'),
    start: async () => void (child = await launch()),
    freeze: () => void process.kill(child.pid, 'SIGSTOP'),
    thaw: () => void process.kill(child.pid, 'SIGCONT'),
    stop: async () => {
      await child.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface RedisClusterServers {
  readonly nodes: readonly RedisServer[];
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  stop(): Promise<void>;
}

/** Three masters. */
export async function startRedisCluster(): Promise<RedisClusterServers> {
  const nodes: RedisServer[] = [];
  for (let node = 0; node < 3; node += 1) {
    // The port of the bus is 10,000 higher, which must be one.
    let port = await freePort();
    while (port > 55_000) port = await freePort();
    const args = [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '2000',
      '--cluster-require-full-coverage',
      'no',
    ];
    nodes.push(await startRedis({ port, args }));
  }
  const addresses = nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const all = addresses.map(({ host, port }) => `${host}:${port}`);
  const made = nodes[0]!.cli('--cluster', 'create', ...all, '--cluster-replicas', '0', '--cluster-yes');
  if (!made.includes('All 16384 slots covered')) throw new Error(`no cluster: ${made}`);
  for (const node of nodes) {
    while (!node.cli('cluster', 'info').includes('cluster_state:ok'))
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { nodes, addresses, stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))) };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.on('error', () => finish(false));
    socket.on('data', (data) => finish(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.write('PING\r\n');
    setTimeout(() => finish(false), 1_000).unref();
  });
}
