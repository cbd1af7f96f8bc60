import mysql from 'mysql2/promise';
import { startMariaDb } from '../../servers/mariadb.server.js';
import { ROTATIONS, type OtherSide } from './under-rotation.js';

/** A MariaDB whose users `app_a` and `app_b` read one table. Connections tell the turn of their login by the database that they are in. */
export async function mariaDbSide(): Promise<OtherSide> {
  const server = await startMariaDb();
  const admin = await mysql.createConnection({ socketPath: server.socketPath, user: 'root', multipleStatements: true });
  for (let turn = 0; turn <= ROTATIONS; turn += 1) {
    await admin.query(`CREATE DATABASE turn_${turn}; CREATE TABLE turn_${turn}.account (id char(1), balance integer)`);
  }
  await admin.query("CREATE USER app_a@'%', app_b@'%'; GRANT ALL ON `turn\\_%`.* TO app_a@'%', app_b@'%'");
  const [[version]] = await admin.query<mysql.RowDataPacket[]>('SELECT version() AS version');
  const sessions = async (): Promise<mysql.RowDataPacket[]> => {
    const ofApp = "FROM information_schema.processlist WHERE user LIKE 'app\\_%'";
    const [rows] = await admin.query<mysql.RowDataPacket[]>(`SELECT id, concat(user, ' ', db) AS label ${ofApp}`);
    return rows;
  };
  return {
    server: `MariaDB ${String(version!['version']).split('-')[0]}`,
    secret: ({ user, password, turn }) => ({
      host: '127.0.0.1',
      port: server.port,
      database: `turn_${turn}`,
      user,
      password,
    }),
    accept: async ({ user, password }) =>
      void (await admin.query(`ALTER USER ${user}@'%' IDENTIFIED BY '${password}' ACCOUNT UNLOCK`)),
    refuse: async ({ user }) => void (await admin.query(`ALTER USER ${user}@'%' ACCOUNT LOCK`)),
    async cut() {
      const ids = (await sessions()).map(({ id }) => id as number);
      for (const id of ids) await admin.query(`KILL ${id}`).catch(() => undefined); // it may have ended meanwhile
      while ((await sessions()).some(({ id }) => ids.includes(id as number))) continue;
    },
    sessions: async () => (await sessions()).map(({ label }) => String(label)),
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}
