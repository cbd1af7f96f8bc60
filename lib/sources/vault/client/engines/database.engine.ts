import type { MountOption } from '../call-fields.js';
import { mountOf } from '../call-fields.js';
import type { VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultDatabaseCredentials {
  readonly username: string;
  readonly password: string;
}

export interface VaultStaticDatabaseCredentials extends VaultDatabaseCredentials {
  readonly last_vault_rotation: string;
  /** Seconds; absent where a schedule rotates. */
  readonly rotation_period?: number;
  readonly rotation_schedule?: string;
  /** Seconds until the next rotation. */
  readonly ttl: number;
}

/** The database engine. `mount` is `'database'` unless given. */
export class DatabaseEngine {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `GET :mount/creds/:role`: a new user at each call, leased, so a failed call is never repeated. @throws VaultInvalidRequestError or VaultInvalidPathError for an unknown role, VaultServerError where the database fails. */
  async generateCredentials(role: string, options?: MountOption): Promise<VaultResponse<VaultDatabaseCredentials>> {
    const mount = mountOf(options, 'database', 'client.database.generateCredentials');
    return this.#requester.call({ path: VaultPath.of(mount, 'creds', role), repeatable: false });
  }

  /** `GET :mount/static-creds/:role`: the user that Vault rotates. Not leased: `data.ttl` says when to read again. */
  async readStaticCredentials(
    role: string,
    options?: MountOption,
  ): Promise<VaultResponse<VaultStaticDatabaseCredentials>> {
    const mount = mountOf(options, 'database', 'client.database.readStaticCredentials');
    return this.#requester.call({ path: VaultPath.of(mount, 'static-creds', role) });
  }
}
