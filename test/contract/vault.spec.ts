import pg from 'pg';
import type { VaultClient } from '../../lib/sources/vault/index.js';
import { databaseCredentials, token, vault } from '../../lib/sources/vault/index.js';
import type { SeedValues } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { describeOnEachVault } from '../servers/available.js';
import type { PostgresServer } from '../servers/postgres.server.js';
import { startPostgres } from '../servers/postgres.server.js';
import type { VaultServer } from '../servers/vault.server.js';
import { startDevVault } from '../servers/vault.server.js';
import { clientTo, closeClients } from '../sources/vault/support/clients.js';
import { setUpDatabase } from '../sources/vault-source/support/database.js';
import { startGate } from './support/gate.js';
import { ODD_NAMES } from './support/odd-names.js';
import { textInObjects } from './support/text-in-objects.js';

describeOnEachVault([], '%s', (product) => {
  let server: VaultServer;
  let admin: VaultClient;
  let count = 0;

  beforeAll(async () => {
    server = await startDevVault(product);
    admin = clientTo(server);
    await admin.sys.enableEngine('kv', { path: 'old', options: { version: '1' } });
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  /** A source that reaches the server through a gate: a Vault that is sealed, or has a quota, says no more than this. */
  async function connected(kv: NonNullable<Parameters<typeof vault>[0]['kv']>) {
    const { auth } = await admin.auth.token.create({ policies: ['root'] });
    const gate = await startGate(server.address, {
      down: { status: 503, body: { errors: ['Vault is sealed'] } },
      throttled: { status: 429, body: { errors: ['request path "x": rate limit quota exceeded'] } },
    });
    return {
      source: vault({ address: gate.url, auth: token(auth.client_token), kv }),
      credentials: [auth.client_token],
      fail: gate.fail,
      recover: gate.recover,
      requests: gate.requests,
      throttle: gate.throttle,
      dispose: gate.stop,
    };
  }

  describeSecretSource(
    'vault (fields of a KV v2 document)',
    async (values) => {
      const document = `contract/${(count += 1)}`;
      const write = (fields: SeedValues) => admin.kv.v2.createOrUpdate(document, fields);
      await write(values);
      let now = { ...values };
      return {
        ...(await connected({ document })),
        rotate: (name, value) => write((now = { ...now, [name]: value })),
        remove: (name) => {
          now = Object.fromEntries(Object.entries(now).filter(([other]) => other !== name));
          return write(now);
        },
      };
    },
    { values: ['text', 'object'], names: ODD_NAMES, without: ['canonicalName', 'watch'] },
  );

  for (const version of [1, 2] as const) {
    describeSecretSource(
      `vault (paths of KV v${version})`,
      async (values) => {
        const prefix = `contract/${(count += 1)}`;
        const mount = version === 1 ? 'old' : 'secret';
        const write = (name: string, value: unknown) => {
          const path = `${prefix}/${name}`;
          const data = typeof value === 'string' ? { value } : (value as object);
          return version === 1
            ? admin.kv.v1.write(path, data, { mount })
            : admin.kv.v2.createOrUpdate(path, data, { mount });
        };
        for (const [name, value] of Object.entries(values)) await write(name, value);
        const parts = await connected({ mount, version, prefix });
        return {
          ...parts,
          source: textInObjects(parts.source),
          rotate: write,
          remove: (name) =>
            version === 1
              ? admin.kv.v1.delete(`${prefix}/${name}`, { mount })
              : admin.kv.v2.deleteMetadataAndAllVersions(`${prefix}/${name}`, { mount }),
        };
      },
      {
        values: ['text', 'object'],
        names: ODD_NAMES.filter((name) => !/^\.|\/\.|%2e/.test(name)),
        without: ['canonicalName', 'watch'],
      },
    );
  }
});

describeOnEachVault(['postgresql'], '%s, leases', (product) => {
  let server: VaultServer;
  let postgres: PostgresServer;
  let pool: pg.Pool;
  let admin: VaultClient;

  beforeAll(async () => {
    [server, postgres] = await Promise.all([startDevVault(product), startPostgres()]);
    admin = clientTo(server);
    await setUpDatabase(admin, postgres);
    pool = new pg.Pool({ connectionString: postgres.connectionString });
    pool.on('error', () => undefined); // the server may be gone before a connection that ends has noticed
    await pool.query('CREATE TABLE opened ()');
    await admin.write('database/roles/app', {
      db_name: 'pg',
      creation_statements: [
        `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
        'INSERT INTO opened DEFAULT VALUES',
      ],
      default_ttl: '1h',
      max_ttl: '24h',
    });
  }, 60_000);
  afterAll(async () => {
    await Promise.all([closeClients(), pool?.end()]);
    await Promise.all([server?.stop(), postgres?.stop()]);
  });

  describeSecretSource(
    'vault (credentials of a database)',
    async (values) => {
      await admin.kv.v2.createOrUpdate('leases', values);
      return {
        source: vault({
          address: server.address,
          auth: token(server.token),
          kv: { document: 'leases' },
          secrets: { DB: databaseCredentials('app') },
          revokeOld: true,
        }),
        opened: async () => {
          const { rows } = await pool.query<{ count: number }>('SELECT count(*)::integer FROM opened');
          return rows[0]!.count;
        },
        credentials: [server.token],
      };
    },
    { dynamic: 'DB', without: ['canonicalName', 'watch', 'rotate', 'remove', 'fail', 'requests', 'throttle'] },
  );
});
