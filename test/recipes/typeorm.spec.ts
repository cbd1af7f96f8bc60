import { Test, type TestingModule } from '@nestjs/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { HcpVaultClient, HcpVaultModule, type MemorySource, type Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { startPostgres, type PostgresServer } from '../servers/postgres.server.js';
import { recordingSource } from '../support/recording-source.js';
import { Accounts } from './typeorm/accounts.service.js';
import { databaseProvider } from './typeorm/database.provider.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// The files of docs/recipes/typeorm.md, as they stand there.
describeWith(['postgresql'], 'the TypeORM recipe against PostgreSQL', () => {
  let server: PostgresServer;
  let admin: pg.Pool;
  let module: TestingModule;
  let memory: MemorySource;
  let reads: string[][];
  let accounts: Accounts;
  let database: Rotating<DataSource>;

  const login = (password: string) => ({
    host: '127.0.0.1',
    port: server.port,
    database: 'postgres',
    username: 'app',
    password,
  });
  const setPassword = (password: string) => admin.query(`ALTER ROLE app LOGIN PASSWORD '${password}'`);
  const sessions = async (): Promise<number> => {
    const { rows } = await admin.query<{ n: string }>(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = 'app'",
    );
    return Number(rows[0]!.n);
  };

  beforeAll(async () => {
    server = await startPostgres();
    admin = new pg.Pool({ connectionString: server.connectionString, max: 2 });
    admin.on('error', () => undefined); // its idle sessions end with the server
    await admin.query("CREATE ROLE app LOGIN PASSWORD 'p0'");
    await admin.query('CREATE TABLE account (id text PRIMARY KEY, balance integer NOT NULL)');
    await admin.query('GRANT ALL ON account TO app');
  }, 60_000);

  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  }, 60_000);

  beforeEach(async () => {
    await setPassword('p0');
    await admin.query('TRUNCATE account');
    await admin.query("INSERT INTO account VALUES ('a', 1000), ('b', 0)");
    const backend = recordingSource({ DB: login('p0') });
    ({ memory, reads } = backend);
    module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: backend.source, retry: { base: '100ms' } })],
      providers: [databaseProvider, Accounts],
    }).compile();
    await module.init();
    accounts = module.get(Accounts);
    database = module.get<Rotating<DataSource>>('DATABASE');
  });

  afterEach(async () => {
    await module.close();
    while ((await sessions()) > 0) await turn(); // hangs, and fails by its time, where a DataSource was left open
  });

  it('given clients that query without a pause, when the password is rotated five times, then no query fails, and each DataSource but the last is closed', async () => {
    const failures: unknown[] = [];
    let [queries, moved, stopped] = [0, 0, false];
    const client = async (work: () => Promise<unknown>): Promise<void> => {
      while (!stopped) {
        await work().then(
          () => (queries += 1),
          (error: unknown) => failures.push(error),
        );
      }
    };
    const transfer = async (): Promise<void> => {
      await accounts.transfer('a', 'b', 1);
      moved += 1;
    };
    const running = Promise.all([
      ...Array.from({ length: 20 }, () => client(() => accounts.balanceOf('a'))),
      client(transfer),
    ]);
    const seen = new Set([database.current]);
    for (let rotation = 1; rotation <= 5; rotation += 1) {
      await setPassword(`p${rotation}`);
      memory.rotate('DB', login(`p${rotation}`));
      await module.get(HcpVaultClient).refresh('DB');
      while (seen.has(database.current)) await turn();
      seen.add(database.current);
      const goal = queries + 100;
      while (queries < goal && failures.length === 0) await turn();
    }
    stopped = true;
    await running;
    expect(failures).toEqual([]);
    expect(seen.size).toBe(6);
    while ([...seen].filter(({ isInitialized }) => isInitialized).length > 1) await turn();
    expect(database.current.isInitialized).toBe(true);
    expect(await accounts.balanceOf('b')).toBe(moved);
  }, 60_000);

  it('given a password that PostgreSQL takes before the source publishes it, when a new connection is refused, then the work is done once it is published', async () => {
    await setPassword('p1');
    // Sessions outlive a change of password: without them the next query needs a new connection, which is refused.
    const { master: pool } = database.current.driver as unknown as { master: pg.Pool };
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
    while (pool.totalCount > 0) await turn();
    const before = reads.length;
    const work = accounts.transfer('a', 'b', 7);
    while (reads.length === before) await turn(); // refused, so the secret is read anew: nothing new yet
    memory.rotate('DB', login('p1'));
    await work;
    expect([await accounts.balanceOf('a'), await accounts.balanceOf('b')]).toEqual([993, 7]);
  }, 60_000);
});
