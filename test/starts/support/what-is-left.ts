import pg from 'pg';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { isVaultError } from '../../../lib/sources/vault/index.js';

export interface Left {
  /** Database users. */
  readonly users: readonly string[];
  /** Leases of them. */
  readonly leases: readonly string[];
  /** Accessors of tokens. */
  readonly tokens: readonly string[];
}

export const nothing: Left = { users: [], leases: [], tokens: [] };

/** Looks at both servers as their administrator does. Tokens that are there at the beginning, as root's, don't count. */
export class WhatIsLeft {
  readonly #database: pg.Pool;
  readonly #before: Promise<ReadonlySet<string>>;

  constructor(
    private readonly client: VaultClient,
    connectionString: string,
  ) {
    this.#database = new pg.Pool({ connectionString, max: 1 });
    this.#database.on('error', () => undefined); // the server may be gone before a connection that ends has noticed
    this.#before = this.#accessors().then((all) => new Set(all));
  }

  /** A role `app` for a day, and a table of all users that were ever made for it. */
  async setUp(): Promise<void> {
    await this.#before;
    await this.#database.query('CREATE TABLE opened (name text NOT NULL)');
    await this.client.write('database/roles/app', {
      db_name: 'pg',
      creation_statements: [
        `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
        `INSERT INTO opened VALUES ('{{name}}')`,
      ],
      default_ttl: '12h',
      max_ttl: '24h',
    });
  }

  async now(): Promise<Left> {
    const [users, leases, tokens, before] = await Promise.all([
      this.#names(`SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'v-%' ORDER BY 1`),
      keys(this.client.list('sys/leases/lookup/database/creds/app')),
      this.#accessors(),
      this.#before,
    ]);
    return { users, leases, tokens: tokens.filter((one) => !before.has(one)) };
  }

  /** Ends what is there: a trial must not be judged by what another has left. */
  async clear(): Promise<void> {
    const { tokens } = await this.now();
    for (const accessor of tokens) await this.client.write('auth/token/revoke-accessor', { accessor });
    await this.client.sys.leases.revokeForce('database/creds/app');
    for (const name of (await this.now()).users) await this.#database.query(`DROP ROLE IF EXISTS "${name}"`);
  }

  /** Database users that were made since `setUp`, whether or not they are still there. */
  ever(): Promise<readonly string[]> {
    return this.#names('SELECT name FROM opened');
  }

  /** Seconds. */
  async lifeOf(accessor: string): Promise<number> {
    return (await this.client.write<{ ttl: number }>('auth/token/lookup-accessor', { accessor })).data.ttl;
  }

  close(): Promise<void> {
    return this.#database.end();
  }

  #accessors(): Promise<readonly string[]> {
    return keys(this.client.list('auth/token/accessors'));
  }

  async #names(query: string): Promise<readonly string[]> {
    return (await this.#database.query<{ name: string }>(query)).rows.map(({ name }) => name);
  }
}

/** Vault says "not found" of a list that holds nothing. */
async function keys(list: Promise<{ data: { keys: readonly string[] } }>): Promise<readonly string[]> {
  try {
    return (await list).data.keys;
  } catch (error) {
    if (isVaultError(error) && error.status === 404) return [];
    throw error;
  }
}
