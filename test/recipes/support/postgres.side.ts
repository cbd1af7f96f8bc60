import pg from 'pg';
import type { SecretValue } from 'nestjs-hcp-vault';
import { startPostgres } from '../../servers/postgres.server.js';
import type { OtherSide } from './under-rotation.js';

export interface PostgresLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly application_name: string;
}

/** A PostgreSQL whose roles `app_a` and `app_b` read one table. Connections tell the turn of their login as `application_name`. */
export async function postgresSide(
  /** How the recipe names what pg calls `user`, `database` and the like. */
  named: (login: PostgresLogin) => object = (login) => login,
): Promise<OtherSide> {
  const server = await startPostgres();
  const admin = new pg.Pool({ connectionString: server.connectionString, max: 2 });
  admin.on('error', () => undefined); // its idle sessions end with the server
  await admin.query('CREATE ROLE app_a; CREATE ROLE app_b');
  await admin.query('CREATE TABLE account (id text PRIMARY KEY, balance integer NOT NULL)');
  await admin.query("INSERT INTO account VALUES ('a', 1000); GRANT ALL ON account TO app_a, app_b");
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  const ofApp = "FROM pg_stat_activity WHERE usename LIKE 'app_%'";
  const sessions = async (): Promise<string[]> =>
    (await admin.query<{ label: string }>(`SELECT usename || ' ' || application_name AS label ${ofApp}`)).rows.map(
      ({ label }) => label,
    );
  return {
    server: `PostgreSQL ${rows[0]!.server_version.split(' ')[0]}`,
    secret: ({ user, password, turn }) =>
      named({
        host: '127.0.0.1',
        port: server.port,
        database: 'postgres',
        user,
        password,
        application_name: `turn ${turn}`,
      }) as SecretValue,
    accept: async ({ user, password }) => void (await admin.query(`ALTER ROLE ${user} LOGIN PASSWORD '${password}'`)),
    refuse: async ({ user }) => void (await admin.query(`ALTER ROLE ${user} NOLOGIN`)),
    async cut() {
      const { rows: ended } = await admin.query<{ pid: number }>(`SELECT pid, pg_terminate_backend(pid) ${ofApp}`);
      const pids = ended.map(({ pid }) => pid);
      const left = 'SELECT FROM pg_stat_activity WHERE pid = ANY($1)';
      while ((await admin.query(left, [pids])).rowCount! > 0) continue;
    },
    sessions,
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}
