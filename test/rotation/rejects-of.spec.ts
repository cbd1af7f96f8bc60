import { MongoClient } from 'mongodb';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { createClient } from 'redis';
import { rejectsOf } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { startFerretDb, type FerretDbServer } from '../servers/ferretdb.server.js';
import { startMariaDb, type MariaDbServer } from '../servers/mariadb.server.js';
import { startPostgres, type PostgresServer } from '../servers/postgres.server.js';
import { startRedis, type RedisServer } from '../servers/redis.server.js';

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const failure = (facts: object, message = 'made up'): Error => Object.assign(new Error(message), facts);

describe('rejectsOf', () => {
  it.each([
    ['an error of pg', failure({ code: '28P01' })],
    ['the same within an error of an ORM', failure({ cause: failure({ code: '28P01' }) })],
    ['the same as TypeORM has it', failure({ driverError: failure({ code: '28P01' }) })],
    [
      'the same as Prisma has it',
      failure({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '28P01' } } } }),
    ],
  ])('given %s, when it is asked, then it is refused', (_, error) => {
    expect(rejectsOf.pg(error)).toBe(true);
    expect(rejectsOf.mysql(error)).toBe(false);
  });

  it.each([
    undefined,
    null,
    'text',
    7,
    {},
    new Error('28P01'),
    failure({ code: '53300' }),
    failure({ code: 'ECONNRESET' }),
  ])('given %p, when each client is asked, then it is not a refusal', (error) => {
    const all = [rejectsOf.pg, rejectsOf.mysql, rejectsOf.redis, rejectsOf.mongo, rejectsOf.http];
    expect(all.map((rejects) => rejects(error))).toEqual([false, false, false, false, false]);
  });

  it('given an error whose cause is itself, or whose getter throws, when it is asked, then it answers', () => {
    const circular = failure({});
    circular.cause = circular;
    const hostile = Object.defineProperty(failure({}), 'code', { get: () => { throw new Error('hostile'); } }); // prettier-ignore
    expect([rejectsOf.pg(circular), rejectsOf.pg(hostile)]).toEqual([false, false]);
  });

  it('given what an open session meets when its role is taken away, when it is asked, then only with idempotent it is a refusal', () => {
    const met = [
      ...['42704', '57P01'].map((code) => failure({ code })),
      new Error('Connection terminated unexpectedly'),
      Object.assign(new Error('Query runner already released.'), { name: 'QueryRunnerAlreadyReleasedError' }),
    ];
    expect(met.map((error) => rejectsOf.pg(error))).toEqual(met.map(() => false));
    expect(met.map(rejectsOf.pg({ idempotent: true }))).toEqual(met.map(() => true));
    expect(met.map(rejectsOf.pg({ idempotent: false }))).toEqual(met.map(() => false));
  });

  it.each(['get_object_address_type', 'typenameType', 'get_role_oid'])(
    'given 42704 of something else (%s), when it is asked with idempotent, then it is not a refusal',
    (routine) => expect(rejectsOf.pg({ idempotent: true })(failure({ code: '42704', routine }))).toBe(false),
  );

  it('given statuses, when http is asked, then 401 is a refusal, and 403 by option', () => {
    const shapes = (status: number) => [
      failure({ status }),
      failure({ statusCode: status }),
      failure({ response: { status } }),
    ];
    expect(shapes(401).map((error) => rejectsOf.http(error))).toEqual([true, true, true]);
    expect(shapes(403).map((error) => rejectsOf.http(error))).toEqual([false, false, false]);
    expect(shapes(403).map(rejectsOf.http({ forbidden: true }))).toEqual([true, true, true]);
    expect(shapes(500).map(rejectsOf.http({ forbidden: true }))).toEqual([false, false, false]);
  });

  it('given codes of Atlas, when mongo is asked, then only a bad login is a refusal', () => {
    expect(rejectsOf.mongo(failure({ code: 8000 }, 'bad auth : authentication failed'))).toBe(true);
    expect(rejectsOf.mongo(failure({ code: 8000 }, 'you are over your space quota'))).toBe(false);
  });

  it('given an option that there is not, when it is called, then that is refused by name', () => {
    expect(() => rejectsOf.pg({ idempotant: true } as never)).toThrow('Did you mean "idempotent"');
    expect(() => rejectsOf.pg({ idempotent: 'yes' } as never)).toThrow('idempotent');
  });
});

describeWith(['postgresql'], 'what PostgreSQL says of a login that was changed', () => {
  let server: PostgresServer;
  let admin: pg.Client;

  beforeAll(async () => {
    server = await startPostgres();
    admin = new pg.Client({ connectionString: server.connectionString });
    await admin.connect();
    for (const statement of [
      'CREATE DATABASE other',
      'REVOKE CONNECT ON DATABASE other FROM PUBLIC',
      'CREATE TABLE account (id int)',
    ])
      await admin.query(statement);
  }, 60_000);
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  beforeEach(() => admin.query("CREATE ROLE app LOGIN PASSWORD 'p'"));
  afterEach(() => admin.query('DROP ROLE IF EXISTS app'));

  const session = async (options: pg.ClientConfig = {}): Promise<pg.Client> => {
    const at = { host: '127.0.0.1', port: server.port, database: 'postgres', user: 'app', password: 'p' };
    const client = new pg.Client({ ...at, ...options });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  it.each([
    ['a password that was changed', "ALTER ROLE app PASSWORD 'q'", {}, '28P01'],
    ['a password that has expired', "ALTER ROLE app VALID UNTIL '2020-01-01'", {}, '28P01'],
    ['a role that was dropped', 'DROP ROLE app', {}, '28P01'],
    ['a role that may not log in', 'ALTER ROLE app NOLOGIN', {}, '28000'],
    ['a database that it may not connect to', 'SELECT 1', { database: 'other' }, '42501'],
  ])('given %s, when it logs in, then rejectsOf.pg names the refusal', async (_, change, options, code) => {
    await admin.query(change);
    const error = await thrown(session(options));
    expect(error).toMatchObject({ code });
    expect(rejectsOf.pg(error)).toBe(true);
  });

  it('given too many sessions of the role, when it logs in, then that is not a refusal of the login', async () => {
    await admin.query('ALTER ROLE app CONNECTION LIMIT 0');
    expect(rejectsOf.pg(await thrown(session()))).toBe(false);
  });

  it.each([
    ['is dropped', 'DROP ROLE app', 'SELECT current_user', '42704'],
    ['is dropped', 'DROP ROLE app', 'CREATE TEMP TABLE mine (id int)', '42704'],
    ['is ended', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'", undefined, '57P01'],
  ])(
    'given a session whose role %s, when it works on (%#), then only with idempotent it is a refusal',
    async (_, change, work, code) => {
      const client = await session();
      const underWay = work === undefined && thrown(client.query('SELECT pg_sleep(20)'));
      while (
        underWay &&
        (await admin.query("SELECT FROM pg_stat_activity WHERE usename = 'app' AND state = 'active'")).rowCount === 0
      )
        continue;
      await admin.query(change);
      const error = await (underWay || thrown(client.query(work!)));
      await client.end();
      expect(error).toMatchObject({ code });
      expect([rejectsOf.pg(error), rejectsOf.pg({ idempotent: true })(error)]).toEqual([false, true]);
    },
  );

  it('given a session that lacks a GRANT, when it works, then that is not a refusal: it can’t be told from a bug', async () => {
    const client = await session();
    const error = await thrown(client.query('SELECT * FROM account'));
    await client.end();
    expect(error).toMatchObject({ code: '42501' });
    expect(rejectsOf.pg({ idempotent: true })(error)).toBe(false);
  });
});

describeWith(['MariaDB'], 'what MariaDB says of a login that was changed', () => {
  let server: MariaDbServer;
  let admin: mysql.Connection;

  beforeAll(async () => {
    server = await startMariaDb();
    admin = await mysql.createConnection({ socketPath: server.socketPath, user: 'root', multipleStatements: true });
    await admin.query(
      'CREATE DATABASE app; CREATE TABLE app.account (id int); SET GLOBAL disconnect_on_expired_password = 1',
    );
  }, 60_000);
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  beforeEach(() => admin.query("CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'p'; GRANT ALL ON app.* TO app@'%'"));

  const session = (): Promise<mysql.Connection> =>
    mysql.createConnection({ host: '127.0.0.1', port: server.port, database: 'app', user: 'app', password: 'p' });
  const once = async (): Promise<void> => {
    const connection = await session();
    await connection.query('SELECT 1').finally(() => connection.end());
  };

  it.each([
    ['a password that was changed', "ALTER USER app@'%' IDENTIFIED BY 'q'", 1045],
    ['a user that was dropped', "DROP USER app@'%'", 1045],
    ['a user that logs in otherwise', "ALTER USER app@'%' IDENTIFIED VIA unix_socket", 1698],
    ['a user whose grants were revoked', "REVOKE ALL ON app.* FROM app@'%'", 1044],
    ['an account that is locked', "ALTER USER app@'%' ACCOUNT LOCK", 4151],
    ['a password that has expired', "ALTER USER app@'%' PASSWORD EXPIRE", 1862],
    [
      'a password that has expired, with sessions that may change it',
      "SET GLOBAL disconnect_on_expired_password = 0; ALTER USER app@'%' PASSWORD EXPIRE",
      1820,
    ],
  ])('given %s, when it logs in, then rejectsOf.mysql names the refusal', async (_, change, errno) => {
    await admin.query(change);
    const error = await thrown(once());
    expect(error).toMatchObject({ errno });
    expect(rejectsOf.mysql(error)).toBe(true);
  });

  it('given a session whose user is dropped, when it works on, then it is not refused', async () => {
    const connection = await session();
    await admin.query("DROP USER app@'%'");
    await connection.query('SELECT * FROM account');
    await connection.end();
  });
});

describeWith(['redis'], 'what Redis says of a login that was changed', () => {
  let server: RedisServer;
  beforeAll(async () => void (server = await startRedis()), 60_000);
  afterAll(() => server?.stop());
  beforeEach(() => void server.cli('ACL', 'SETUSER', 'app', 'reset', 'on', '>p', '~*', '+@all'));

  const session = async (login: object = { username: 'app', password: 'p' }) => {
    const client = createClient({ url: server.url, ...login, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    return client.connect();
  };

  it.each([
    ['a password that was changed', ['ACL', 'SETUSER', 'app', 'resetpass', '>q']],
    ['a user that is off', ['ACL', 'SETUSER', 'app', 'off']],
    ['a user that was deleted', ['ACL', 'DELUSER', 'app']],
  ])('given %s, when it logs in, then rejectsOf.redis names the refusal', async (_, change) => {
    server.cli(...change);
    const error = await thrown(session());
    expect(String(error)).toContain('WRONGPASS');
    expect(rejectsOf.redis(error)).toBe(true);
  });

  it('given a session that has not logged in, when it works, then that is a refusal', async () => {
    server.cli('CONFIG', 'SET', 'requirepass', 'q');
    const error = await thrown(session({}).then((client) => client.get('key').finally(() => client.destroy())));
    server.cli('-a', 'q', 'CONFIG', 'SET', 'requirepass', '');
    expect(String(error)).toContain('NOAUTH');
    expect(rejectsOf.redis(error)).toBe(true);
  });

  it('given a session whose rights are taken away, when it works on, then only with idempotent it is a refusal', async () => {
    const client = await session();
    server.cli('ACL', 'SETUSER', 'app', '-@all');
    const error = await thrown(client.get('key'));
    client.destroy();
    expect(String(error)).toContain('NOPERM');
    expect([rejectsOf.redis(error), rejectsOf.redis({ idempotent: true })(error)]).toEqual([false, true]);
  });
});

describeWith(['FerretDB'], 'what a server of MongoDB’s protocol says of a login that was changed', () => {
  let server: FerretDbServer;
  let admin: MongoClient;

  beforeAll(async () => {
    server = await startFerretDb();
    admin = await new MongoClient(server.connectionString).connect();
    await admin.db('admin').command({ createUser: 'app', pwd: 'p', roles: [] });
  }, 60_000);
  afterAll(async () => {
    await admin?.close();
    await server?.stop();
  });

  const read = async (login: string): Promise<void> => {
    const client = new MongoClient(`mongodb://${login}127.0.0.1:${server.port}/admin?serverSelectionTimeoutMS=5000`);
    await client.db().collection('account').findOne({}).finally(() => client.close()); // prettier-ignore
  };

  it.each([
    ['a password that was changed', { updateUser: 'app', pwd: 'q' }],
    ['a user that was dropped', { dropUser: 'app' }],
  ])('given %s, when it logs in, then rejectsOf.mongo names the refusal', async (_, change) => {
    await admin.db('admin').command(change);
    const error = await thrown(read('app:p@'));
    expect(error).toMatchObject({ code: 18 });
    expect(rejectsOf.mongo(error)).toBe(true);
  });

  it('given a session that has not logged in, when it works, then that is a refusal', async () => {
    const error = await thrown(read(''));
    expect(error).toMatchObject({ code: 13 });
    expect(rejectsOf.mongo(error)).toBe(true);
  });
});
