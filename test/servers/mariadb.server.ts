import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { freePort, startChild } from './child.server.js';
import { mariaDb } from './locations.mjs';

/** A MariaDB of the test's own, on a free loopback port. */
export interface MariaDbServer {
  readonly port: number;
  /** Of `root`, who needs no password at the server's socket. */
  readonly socketPath: string;
  stop(): Promise<void>;
}

/** MariaDB runs as Debian's `mysql` user where the tests run as root. By uid, not by `--user`, so that its files are that user's from the start. */
function owner(): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'mysql'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

export async function startMariaDb(): Promise<MariaDbServer> {
  const commands = mariaDb();
  if (!commands) throw new Error('MariaDB is not installed (apt-get install mariadb-server)');
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-mariadb-'));
  const identity = owner();
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid!);
  // Nothing waits for a disk, and the log is small: five seconds in place of ten.
  const engine = ['--innodb-flush-method=nosync', '--innodb-log-file-size=4M', '--skip-name-resolve'];
  const fixed = ['--no-defaults', `--datadir=${folder}/data`, ...engine];
  const install = [
    ...fixed,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--innodb-undo-tablespaces=0',
  ];
  const made = spawnSync(commands.install, install, { encoding: 'utf8', cwd: '/', ...identity });
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr || made.stdout}`);
  const port = await freePort();
  const socketPath = join(folder, 'socket');
  const child = await startChild({
    command: commands.server,
    args: [...fixed, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${socketPath}`, '--max-connections=500'],
    cwd: '/',
    ...identity,
    ready: async () => {
      await (await mysql.createConnection({ socketPath, user: 'root' })).end();
      return true;
    },
  });
  return {
    port,
    socketPath,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
