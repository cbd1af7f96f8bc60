import type { MountOption } from '../call-fields.js';
import { mountOf } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { withoutSlashesAround, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

/** The KV engine, version 1. `mount` is `'secret'` unless given. */
export class KvV1 {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `GET :mount/:path`. @throws VaultInvalidPathError where there is no such secret. */
  async read<T = Readonly<Record<string, unknown>>>(path: string, options?: MountOption): Promise<VaultResponse<T>> {
    const mount = mountOf(options, 'secret', 'client.kv.v1.read');
    return this.#requester.call({ path: VaultPath.of(mount, path) });
  }

  /** `PUT :mount/:path`: in place of all that was there. */
  async write(path: string, data: object, options?: MountOption): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'secret', 'client.kv.v1.write');
    return this.#requester.call({ method: 'PUT', path: VaultPath.of(mount, path), body: data, repeatable: true });
  }

  /** `LIST :mount/:path`; without a path, the whole mount. An empty folder is `{ keys: [] }`. */
  async list(path = '', options?: MountOption): Promise<VaultResponse<VaultKeys>> {
    const mount = mountOf(options, 'secret', 'client.kv.v1.list');
    return this.#requester.list(withoutSlashesAround(path) === '' ? VaultPath.of(mount) : VaultPath.of(mount, path));
  }

  /** `DELETE :mount/:path`. No error where there is no such secret. */
  async delete(path: string, options?: MountOption): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'secret', 'client.kv.v1.delete');
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of(mount, path) });
  }
}
