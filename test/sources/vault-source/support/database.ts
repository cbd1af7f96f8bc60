import type { VaultClient } from '../../../../lib/sources/vault/index.js';
import type { PostgresServer } from '../../../servers/postgres.server.js';

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
