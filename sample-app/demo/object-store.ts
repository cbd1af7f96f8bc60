import type { OnApplicationShutdown } from '@nestjs/common';
import type { EmbeddedBackend } from '../backend/embedded.backend.js';
import { CheckingServer } from './checking-server.js';

/** A store that takes the access keys which the backend has issued, unless they were revoked. */
export class ObjectStore implements OnApplicationShutdown {
  #revoked = 0;
  #server: CheckingServer | undefined;

  private constructor(private readonly backend: EmbeddedBackend) {}

  static async start(backend: EmbeddedBackend): Promise<ObjectStore> {
    const store = new ObjectStore(backend);
    store.#server = await CheckingServer.start(
      (id, key) => backend.numberOf({ access_key_id: id, secret_access_key: key }) > store.#revoked,
    );
    return store;
  }

  get port(): number {
    return this.#server!.port;
  }

  /** All keys that were issued so far. */
  revoke(): void {
    this.#revoked = this.backend.issuedKeys;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server?.stop();
  }
}
