import type { VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultAuditDevice {
  readonly type: string;
  readonly path: string;
  readonly description: string;
  readonly local: boolean;
  readonly options: Readonly<Record<string, string>>;
}

export interface VaultAuditRequest {
  /** Where it is to be. @default the type */
  readonly path?: string | undefined;
  readonly description?: string | undefined;
  /** E.g. `{ file_path: '/var/log/vault-audit.log' }`. */
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly local?: boolean | undefined;
}

/** `sys/audit` */
export class AuditDevices {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  async list(): Promise<VaultResponse<Readonly<Record<string, VaultAuditDevice>>>> {
    return this.#requester.call({ path: VaultPath.of('sys/audit') });
  }

  async enable(type: string, { path = type, ...sent }: VaultAuditRequest): Promise<VaultResponse<null>> {
    const body = { type, ...sent };
    // Not repeated: the second of two would be told that the path is taken.
    return this.#requester.call({ method: 'PUT', path: VaultPath.of('sys/audit', path), body });
  }

  async disable(path: string): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of('sys/audit', path) });
  }
}
