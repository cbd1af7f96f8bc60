import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { withoutSlashesAround, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultLeaseData {
  readonly id: string;
  readonly issue_time: string;
  readonly expire_time: string | null;
  readonly last_renewal: string | null;
  readonly renewable: boolean;
  /** Seconds left. */
  readonly ttl: number;
}

export interface VaultRevokeOptions {
  /** Answer only once the lease is gone; otherwise Vault queues the revocation, and tries again where the backend fails. @default false */
  readonly sync?: boolean | undefined;
}

export const REVOKE_OPTIONS: OptionKinds<VaultRevokeOptions> = { sync: 'boolean' };

/** `sys/leases` */
export class SysLeases {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `PUT sys/leases/lookup`. @throws VaultInvalidRequestError for a lease that is gone. */
  async lookup(leaseId: string): Promise<VaultResponse<VaultLeaseData>> {
    return this.#put(VaultPath.of('sys/leases/lookup'), { lease_id: leaseId });
  }

  /** `LIST sys/leases/lookup/:prefix`, e.g. `'database/creds/app'`. Needs `sudo`. */
  async list(prefix = ''): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(
      withoutSlashesAround(prefix) === ''
        ? VaultPath.of('sys/leases/lookup')
        : VaultPath.of('sys/leases/lookup', prefix),
    );
  }

  /** `PUT sys/leases/renew`. Vault may grant less than `increment` (e.g. `'1h'`): see `leaseDuration`, in seconds. @throws VaultInvalidRequestError for a lease that is gone, or can't be renewed. */
  async renew(leaseId: string, renewal?: { increment?: string | undefined }): Promise<VaultResponse<null>> {
    const { increment } = ownOptions(renewal, { increment: 'text' }, 'client.sys.leases.renew');
    return this.#put(VaultPath.of('sys/leases/renew'), { lease_id: leaseId, increment });
  }

  /** `PUT sys/leases/revoke`. */
  async revoke(leaseId: string, options?: VaultRevokeOptions): Promise<VaultResponse<null>> {
    const { sync } = ownOptions(options, REVOKE_OPTIONS, 'client.sys.leases.revoke');
    return this.#put(VaultPath.of('sys/leases/revoke'), { lease_id: leaseId, sync });
  }

  /** `PUT sys/leases/revoke-prefix/:prefix`: all leases below a path. Needs `sudo`. */
  async revokePrefix(prefix: string, options?: VaultRevokeOptions): Promise<VaultResponse<null>> {
    const body = ownOptions(options, REVOKE_OPTIONS, 'client.sys.leases.revokePrefix');
    return this.#put(VaultPath.of('sys/leases/revoke-prefix', prefix), body);
  }

  /** `PUT sys/leases/revoke-force/:prefix`: forgets all leases below a path, even where the backend can't be reached and the credentials live on there. Needs `sudo`. */
  async revokeForce(prefix: string): Promise<VaultResponse<null>> {
    return this.#put(VaultPath.of('sys/leases/revoke-force', prefix), {});
  }

  #put<T>(path: VaultPath, body: object): Promise<VaultResponse<T>> {
    return this.#requester.call({ method: 'PUT', path, body, repeatable: true });
  }
}
