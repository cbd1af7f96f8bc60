import { toFields } from '../call-fields.js';
import type { VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultSealStatus {
  readonly type: string;
  readonly initialized: boolean;
  readonly sealed: boolean;
  /** Shares of the key that unseal. */
  readonly t: number;
  /** Shares of the key in all. */
  readonly n: number;
  /** Shares given so far. */
  readonly progress: number;
  readonly nonce: string;
  readonly version: string;
  readonly storage_type?: string;
  readonly cluster_name?: string;
  readonly cluster_id?: string;
}

export interface VaultUnsealRequest {
  /** One share of the key, in hexadecimal or base64. */
  readonly key?: string | undefined;
  /** Forgets the shares given so far. */
  readonly reset?: boolean | undefined;
  readonly migrate?: boolean | undefined;
}

/** `sys/seal`, `sys/unseal` and `sys/seal-status`: of the whole server, so never in a namespace. */
export class Seal {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  async status(): Promise<VaultResponse<VaultSealStatus>> {
    return this.#requester.call({
      path: VaultPath.of('sys/seal-status'),
      token: false,
      root: true,
      unwrapped: true,
    });
  }

  async seal(): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'PUT', path: VaultPath.of('sys/seal'), root: true, unwrapped: true });
  }

  async unseal(key: string | VaultUnsealRequest): Promise<VaultResponse<VaultSealStatus>> {
    return this.#requester.call({
      method: 'PUT',
      path: VaultPath.of('sys/unseal'),
      body: typeof key === 'string' ? { key } : toFields(key),
      token: false,
      root: true,
      unwrapped: true,
    });
  }
}
