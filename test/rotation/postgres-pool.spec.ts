import { jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import pg from 'pg';
import { HcpVaultClient, HcpVaultModule, memorySource, rotatingProvider, type Rotating } from 'nestjs-hcp-vault';
import { noPostgres, startPostgres, type PostgresServer } from '../servers/postgres.server.js';

// Real servers, real leases of seconds: on a machine that is busy elsewhere a lease may end before its successor is there.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

const missing = noPostgres();
if (missing && process.env['CI'] === 'true') throw new Error(missing);
if (missing) console.warn(`skipped: rotation of a real PostgreSQL pool. ${missing}`);
const withPostgres = missing ? describe.skip : describe;

interface Login {
  user: string;
  password: string;
}

const refused = (error: unknown): boolean => (error as { code?: string }).code === '28P01';

withPostgres('a PostgreSQL pool whose password is rotated', () => {
  let server: PostgresServer;
  let admin: pg.Pool;
  let module: TestingModule;
  let source: ReturnType<typeof memorySource>;
  const pools = { made: 0, alive: 0, most: 0 };

  beforeAll(async () => {
    server = await startPostgres();
    admin = new pg.Pool({ connectionString: server.connectionString, max: 2 });
    admin.on('error', () => undefined); // its idle sessions end with the server
  }, 60_000);

  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  }, 60_000);

  const setPassword = async (password: string): Promise<void> => {
    await admin.query(`ALTER ROLE app LOGIN PASSWORD '${password}'`);
  };

  beforeEach(async () => {
    Object.assign(pools, { made: 0, alive: 0, most: 0 });
    await admin.query(`DROP ROLE IF EXISTS app`);
    await admin.query(`CREATE ROLE app LOGIN PASSWORD 'p0'`);
    source = memorySource({ DB: { user: 'app', password: 'p0' } });
    module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, retry: { base: '100ms' } })],
      providers: [
        rotatingProvider({
          provide: 'POOL',
          secret: 'DB',
          create: (login) => {
            pools.made += 1;
            pools.most = Math.max(pools.most, (pools.alive += 1));
            const { user, password } = login as Login;
            const pool = new pg.Pool({
              host: '127.0.0.1',
              port: server.port,
              database: 'postgres',
              user,
              password,
              max: 20,
            });
            pool.on('error', () => undefined); // an idle connection that the server ends is not a failed query
            return pool;
          },
          validate: (pool) => pool.query('SELECT 1'),
          dispose: async (pool) => {
            await pool.end();
            pools.alive -= 1;
          },
          rejects: refused,
        }),
      ],
    }).compile();
    await module.init();
  });

  afterEach(async () => {
    await module.close();
    expect(pools.alive).toBe(0);
  });

  const query = (): Promise<string> =>
    module.get<Rotating<pg.Pool>>('POOL').use(async (pool) => {
      const { rows } = await pool.query<{ current_user: string }>('SELECT current_user');
      return rows[0]!.current_user;
    });

  /** Clients that query without a pause until they are told to stop. */
  function load(clients: number) {
    const result = { queries: 0, failures: [] as unknown[] };
    let stopped = false;
    const running = Promise.all(
      Array.from({ length: clients }, async () => {
        while (!stopped) {
          await query().then(
            () => (result.queries += 1),
            (error: unknown) => result.failures.push(error),
          );
        }
      }),
    );
    return {
      result,
      async until(queries: number) {
        const goal = result.queries + queries;
        while (result.queries < goal && result.failures.length === 0)
          await new Promise((resolve) => setImmediate(resolve));
      },
      async stop() {
        stopped = true;
        await running;
        return result;
      },
    };
  }

  const swapped = async (clients: ReturnType<typeof load>, password: string): Promise<void> => {
    while (module.get<Rotating<pg.Pool>>('POOL').current.options.password !== password) await clients.until(1);
  };

  it('given 200 clients that query without a pause, when the password is rotated ten times, then no query fails, and two pools at most are alive', async () => {
    const clients = load(200);
    await clients.until(200);
    for (let rotation = 1; rotation <= 10; rotation += 1) {
      await setPassword(`p${rotation}`);
      source.rotate('DB', { user: 'app', password: `p${rotation}` });
      await module.get(HcpVaultClient).refresh('DB');
      await swapped(clients, `p${rotation}`);
      await clients.until(300);
    }
    const { queries, failures } = await clients.stop();
    expect(failures).toEqual([]);
    expect(queries).toBeGreaterThan(3_000);
    expect(pools.made).toBe(11);
    expect(pools.most).toBe(2);
  }, 120_000);

  it('given a password that PostgreSQL takes before the source publishes it, when connections are ended, then no piece of work fails for good', async () => {
    const clients = load(20);
    await clients.until(50);
    await setPassword('p1');
    // Sessions outlive a change of password, so they are ended: every new connection is refused from now on.
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND state = 'idle'`,
    );
    const published = new Promise((resolve) => setTimeout(resolve, 2_000)).then(() =>
      source.rotate('DB', { user: 'app', password: 'p1' }),
    );
    await published;
    await clients.until(100);
    const { failures } = await clients.stop();
    expect(failures.filter((error) => refused(error))).toEqual([]);
    expect(await query()).toBe('app');
  }, 120_000);

  it('given a password that the source publishes before PostgreSQL takes it, when it is rotated, then the old pool serves until then', async () => {
    const clients = load(20);
    await clients.until(50);
    source.rotate('DB', { user: 'app', password: 'p1' });
    await module.get(HcpVaultClient).refresh('DB');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(module.get<Rotating<pg.Pool>>('POOL').current.options.password).toBe('p0');
    await setPassword('p1');
    await swapped(clients, 'p1');
    const { failures } = await clients.stop();
    expect(failures).toEqual([]);
  }, 120_000);
});
