import { toFields } from '../call-fields.js';
import type { VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

/** A secret engine or an auth method, as Vault lists it. */
export interface VaultMount {
  readonly type: string;
  readonly description: string;
  readonly accessor: string;
  readonly uuid: string;
  readonly local: boolean;
  readonly seal_wrap: boolean;
  readonly external_entropy_access: boolean;
  readonly options: Readonly<Record<string, string>> | null;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface VaultMountRequest {
  /** Where it is to be. @default the type */
  readonly path?: string | undefined;
  readonly description?: string | undefined;
  /** In Vault's own names, e.g. `{ default_lease_ttl: '1h' }`. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** E.g. `{ version: '2' }` for KV. */
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly local?: boolean | undefined;
  readonly sealWrap?: boolean | undefined;
  readonly externalEntropyAccess?: boolean | undefined;
  readonly pluginVersion?: string | undefined;
}

/** `sys/mounts` and `sys/auth`, which take and give the same. */
export class Mounts {
  readonly #requester: VaultRequester;
  readonly #root: 'sys/mounts' | 'sys/auth';

  constructor(requester: VaultRequester, root: 'sys/mounts' | 'sys/auth') {
    this.#requester = requester;
    this.#root = root;
  }

  async list(): Promise<VaultResponse<Readonly<Record<string, VaultMount>>>> {
    return this.#requester.call({ path: VaultPath.of(this.#root) });
  }

  async enable(type: string, request: VaultMountRequest): Promise<VaultResponse<null>> {
    const { path = type, ...sent } = request;
    const body = { type, ...toFields(sent) };
    return this.#requester.call({ method: 'POST', path: VaultPath.of(this.#root, path), body });
  }

  async disable(path: string): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of(this.#root, path) });
  }
}
