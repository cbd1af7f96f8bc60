import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface ChildServer {
  readonly pid: number;
  /** What it printed last, for the error of a test that can't start it. */
  log(): string;
  /** Ends it by its own process ID, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ChildServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Who it runs as. @default the user of the tests */
  readonly uid?: number;
  readonly gid?: number;
  /** Asked until it is true. */
  readonly ready: () => Promise<boolean>;
  /** Milliseconds. @default 30000 */
  readonly within?: number;
  /** What ends it gently. @default 'SIGTERM' */
  readonly end?: NodeJS.Signals;
}

const running = new Set<ChildProcess>();
// A test run that dies must not leave servers behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startChild(options: ChildServerOptions): Promise<ChildServer> {
  const { command, args, env, cwd, uid, gid, ready, within = 30_000, end = 'SIGTERM' } = options;
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    cwd,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
  }
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()));
  void gone.then(() => running.delete(child));
  const server: ChildServer = {
    pid: child.pid ?? -1,
    log: () => log,
    async stop(signal = end) {
      child.kill(signal);
      await gone;
    },
  };
  const deadline = Date.now() + within;
  for (;;) {
    if (failure || child.exitCode !== null) throw new Error(`${command} ended at once: ${failure?.message ?? log}`);
    if (await ready().catch(() => false)) return server;
    if (Date.now() > deadline) {
      await server.stop('SIGKILL');
      throw new Error(`${command} is not up within ${within} ms: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
