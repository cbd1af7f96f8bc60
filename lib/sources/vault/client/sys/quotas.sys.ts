import { toFields } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultQuotaRequest {
  /** Requests within `interval`. */
  readonly rate: number;
  /** E.g. `'10s'`. @default '1s' */
  readonly interval?: string | undefined;
  /** How long who went beyond it is refused everything, e.g. `'1m'`. @default '0s' */
  readonly blockInterval?: string | undefined;
  /** A namespace, a mount or a path below one. @default all requests */
  readonly path?: string | undefined;
  /** Only logins of this role; `path` is then an auth method's. */
  readonly role?: string | undefined;
  /** Holds for child namespaces too. */
  readonly inheritable?: boolean | undefined;
}

export interface VaultQuota {
  readonly name: string;
  readonly type: string;
  readonly path: string;
  readonly role: string;
  readonly rate: number;
  /** Seconds. */
  readonly interval: number;
  /** Seconds. */
  readonly block_interval: number;
  readonly inheritable: boolean;
}

export interface VaultQuotasConfiguration {
  readonly enableRateLimitAuditLogging?: boolean | undefined;
  /** Whether refusals tell `X-Ratelimit-…` and `Retry-After`. */
  readonly enableRateLimitResponseHeaders?: boolean | undefined;
  readonly rateLimitExemptPaths?: readonly string[] | undefined;
}

/** `sys/quotas`: how many requests Vault takes. Where it is one request too many, calls reject with VaultRateLimitError. */
export class SysQuotas {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST sys/quotas/rate-limit/:name`. @throws VaultInvalidRequestError for a path that has one, or where nothing is mounted. */
  async createOrUpdate(name: string, request: VaultQuotaRequest): Promise<VaultResponse<null>> {
    const body = toFields(request);
    return this.#requester.call({ method: 'POST', path: pathOf(name), body, repeatable: true });
  }

  /** `GET sys/quotas/rate-limit/:name`. @throws VaultInvalidPathError where there is none. */
  async read(name: string): Promise<VaultResponse<VaultQuota>> {
    return this.#requester.call({ path: pathOf(name) });
  }

  /** `LIST sys/quotas/rate-limit` */
  async list(): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(VaultPath.of('sys/quotas/rate-limit'));
  }

  /** `DELETE sys/quotas/rate-limit/:name` */
  async delete(name: string): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'DELETE', path: pathOf(name) });
  }

  /** `POST sys/quotas/config`, of all quotas. */
  async configure(configuration: VaultQuotasConfiguration): Promise<VaultResponse<null>> {
    const path = VaultPath.of('sys/quotas/config');
    return this.#requester.call({ method: 'POST', path, body: toFields(configuration), repeatable: true });
  }

  /** `GET sys/quotas/config` */
  async readConfiguration(): Promise<VaultResponse<Readonly<Record<string, unknown>>>> {
    return this.#requester.call({ path: VaultPath.of('sys/quotas/config') });
  }
}

const pathOf = (name: string): VaultPath => VaultPath.of('sys/quotas/rate-limit', segment(name));
