import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultPolicy {
  readonly name: string;
  /** HCL or JSON, as it was written. */
  readonly policy: string;
}

/** A path's capabilities under its name, e.g. `{ 'secret/data/app': ['read'] }`; for a single path also under `capabilities`. */
export type VaultCapabilities = Readonly<Record<string, readonly string[]>>;

/** `sys/policies/acl` */
export class Policies {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  async list(): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(VaultPath.of('sys/policies/acl'));
  }

  async read(name: string): Promise<VaultResponse<VaultPolicy>> {
    return this.#requester.call({ path: VaultPath.of('sys/policies/acl', name) });
  }

  async write(name: string, policy: string | object): Promise<VaultResponse<null>> {
    const body = { policy: typeof policy === 'string' ? policy : JSON.stringify(policy) };
    return this.#requester.call({
      method: 'PUT',
      path: VaultPath.of('sys/policies/acl', name),
      body,
      repeatable: true,
    });
  }

  async delete(name: string): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of('sys/policies/acl', name) });
  }
}
