import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { postgresFolder } from './locations.mjs';

/** A PostgreSQL of the test’s own, on a free loopback port. */
export interface PostgresServer {
  readonly port: number;
  /** Of the superuser `postgres`. */
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Why there is none on this machine; undefined where there is one. */
export const noPostgres = (): string | undefined =>
  postgresFolder() ? undefined : 'PostgreSQL is not installed (apt-get install postgresql)';

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** PostgreSQL refuses root, so it runs as Debian’s `postgres` user there. By uid, not by `runuser`, which would stand between it and our signals. */
function owner(): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

/** Starts one with passwords checked for every connection (scram-sha-256). */
export async function startPostgres({ maxConnections = 500 } = {}): Promise<PostgresServer> {
  const bin = postgresFolder();
  if (!bin) throw new Error(noPostgres());
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-postgres-'));
  const identity = owner();
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid!);
  const password = 'superuser';
  writeFileSync(join(folder, 'pw'), password);
  chmodSync(join(folder, 'pw'), 0o644);
  const initdb = [
    '-D',
    `${folder}/data`,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${folder}/pw`,
    '--no-sync',
  ];
  const made = spawnSync(join(bin, 'initdb'), initdb, { encoding: 'utf8', cwd: '/', ...identity });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = [
    '-c',
    `max_connections=${maxConnections}`,
    '-c',
    'fsync=off',
    '-c',
    `unix_socket_directories=${folder}`,
  ];
  // Its own process, not a daemon of pg_ctl: it is ended by its own process id.
  const args = ['-D', `${folder}/data`, '-h', '127.0.0.1', '-p', `${port}`, ...settings];
  const child = spawn(join(bin, 'postgres'), args, { stdio: 'ignore', cwd: '/', ...identity });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connectionString = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await accepting(connectionString, () => child.exitCode);
  return {
    port,
    connectionString,
    async stop() {
      child.kill('SIGINT'); // fast shutdown: sessions are ended
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function accepting(connectionString: string, exitCode: () => number | null): Promise<void> {
  for (let tries = 0; exitCode() === null; tries += 1) {
    const client = new pg.Client({ connectionString });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries > 200) throw error;
      await pause(50);
    }
  }
  throw new Error('PostgreSQL ended at once');
}
