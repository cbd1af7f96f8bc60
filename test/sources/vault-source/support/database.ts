import type { VaultClient } from '../../../../lib/sources/vault/index.js';
import type { PostgresServer } from '../../../servers/postgres.server.js';
import { startPostgres } from '../../../servers/postgres.server.js';
import type { VaultProduct, VaultServer } from '../../../servers/vault.server.js';
import { startDevVault } from '../../../servers/vault.server.js';
import { clientTo, closeClients } from '../../vault/support/clients.js';

export interface DatabaseTimes {
  readonly defaultTtl: string;
  readonly maxTtl: string;
}

/** Tells the engine where its database is. @param port another than its own: where it is not to be found. */
export async function connectDatabase(client: VaultClient, postgres: PostgresServer, port = postgres.port) {
  await client.write('database/config/pg', {
    plugin_name: 'postgresql-database-plugin',
    connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${port}/postgres?sslmode=disable`,
    allowed_roles: '*',
    username: 'postgres',
    password: new URL(postgres.connectionString).password,
    verify_connection: port === postgres.port,
  });
}

/** The database engine with one role `app`, and a policy `app` that may use it. */
export async function setUpDatabase(client: VaultClient, postgres: PostgresServer): Promise<void> {
  await client.sys.enableEngine('database');
  await connectDatabase(client, postgres);
  await client.sys.createOrUpdatePolicy(
    'app',
    'path "database/creds/*" { capabilities = ["read"] }\npath "secret/*" { capabilities = ["read", "list"] }',
  );
}

export interface VaultWithDatabase {
  readonly server: VaultServer;
  readonly postgres: PostgresServer;
  /** Root's. */
  readonly client: VaultClient;
  stop(): Promise<void>;
}

/** A development server whose engine of databases has a PostgreSQL of its own. */
export async function startVaultWithDatabase(product?: VaultProduct): Promise<VaultWithDatabase> {
  const [server, postgres] = await Promise.all([startDevVault(product), startPostgres()]);
  const client = clientTo(server);
  await setUpDatabase(client, postgres);
  return {
    server,
    postgres,
    client,
    async stop() {
      await closeClients();
      await Promise.all([server.stop(), postgres.stop()]);
    },
  };
}

export async function setRole(client: VaultClient, { defaultTtl, maxTtl }: DatabaseTimes, role = 'app') {
  await client.write(`database/roles/${role}`, {
    db_name: 'pg',
    creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
    renew_statements: [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`],
    default_ttl: defaultTtl,
    max_ttl: maxTtl,
  });
}

/** An AppRole of the policy `app`; gives what it logs in with. */
export async function setUpAppRole(client: VaultClient, role: object): Promise<{ roleId: string; secretId: string }> {
  const mounted = (await client.sys.listAuthMethods()).data as Record<string, unknown>;
  if (!mounted['approle/']) await client.sys.enableAuthMethod('approle');
  await client.write('auth/approle/role/app', {
    token_policies: ['app'],
    secret_id_ttl: '1h',
    token_max_ttl: '0s',
    ...role,
  });
  const { data } = await client.read<{ role_id: string }>('auth/approle/role/app/role-id');
  const { secret_id: secretId } = (await client.auth.appRole.generateSecretId('app')).data;
  return { roleId: data.role_id, secretId };
}
