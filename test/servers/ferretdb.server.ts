import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { freePort, startChild } from './child.server.js';
import { FERRETDB_VERSION, ferretDbBinary } from './locations.mjs';

/** A FerretDB of the test's own, on a free loopback port: MongoDB's protocol and its users (SCRAM-SHA-256), with SQLite below. */
export interface FerretDbServer {
  readonly port: number;
  readonly version: string;
  /** Of the user `root`. */
  readonly connectionString: string;
  stop(): Promise<void>;
}

export async function startFerretDb(): Promise<FerretDbServer> {
  const command = ferretDbBinary();
  if (!command) throw new Error('FerretDB is not built (npm run servers)');
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-ferretdb-'));
  const port = await freePort();
  const connectionString = `mongodb://root:superuser@127.0.0.1:${port}/admin?authMechanism=SCRAM-SHA-256`;
  const child = await startChild({
    command,
    args: [
      '--handler=sqlite',
      `--sqlite-url=file:${folder}/`,
      `--state-dir=${folder}`,
      `--listen-addr=127.0.0.1:${port}`,
      '--debug-addr=-',
      '--telemetry=disable',
      '--log-level=warn',
      '--test-enable-new-auth', // users of its own, as MongoDB has them
      '--setup-database=admin',
      '--setup-username=root',
      '--setup-password=superuser',
    ],
    cwd: folder,
    ready: async () => {
      const client = new MongoClient(connectionString, { serverSelectionTimeoutMS: 500 });
      await client.connect().finally(() => client.close());
      return true;
    },
  });
  return {
    port,
    version: FERRETDB_VERSION,
    connectionString,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
