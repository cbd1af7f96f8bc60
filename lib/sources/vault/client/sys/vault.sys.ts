import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';
import type { VaultAuditDevice, VaultAuditRequest } from './audit.sys.js';
import { AuditDevices } from './audit.sys.js';
import type { VaultHealthResponse } from './health.sys.js';
import { readHealth } from './health.sys.js';
import { SysLeases } from './leases.sys.js';
import type { VaultMount, VaultMountRequest } from './mounts.sys.js';
import { Mounts } from './mounts.sys.js';
import type { VaultCapabilities, VaultPolicy } from './policies.sys.js';
import { Policies } from './policies.sys.js';
import { SysNamespaces } from './namespaces.sys.js';
import { SysQuotas } from './quotas.sys.js';
import type { VaultSealStatus, VaultUnsealRequest } from './seal.sys.js';
import { Seal } from './seal.sys.js';
import { SysWrapping } from './wrapping.sys.js';

/** `sys`: what an operator does. */
export class VaultSys {
  /** `sys/leases` */
  readonly leases: SysLeases;
  /** `sys/wrapping` */
  readonly wrapping: SysWrapping;
  /** `sys/quotas` */
  readonly quotas: SysQuotas;
  /** `sys/namespaces` */
  readonly namespaces: SysNamespaces;
  readonly #requester: VaultRequester;
  readonly #seal: Seal;
  readonly #engines: Mounts;
  readonly #methods: Mounts;
  readonly #audit: AuditDevices;
  readonly #policies: Policies;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
    this.leases = new SysLeases(requester);
    this.wrapping = new SysWrapping(requester);
    this.quotas = new SysQuotas(requester);
    this.namespaces = new SysNamespaces(requester);
    this.#seal = new Seal(requester);
    this.#engines = new Mounts(requester, 'sys/mounts');
    this.#methods = new Mounts(requester, 'sys/auth');
    this.#audit = new AuditDevices(requester);
    this.#policies = new Policies(requester);
  }

  /** `GET sys/health`: `status` is 200 active, 429 standby, 472 DR secondary, 473 performance standby, 501 not initialised, 503 sealed; none of them is an error. Needs no token. */
  health(): Promise<VaultHealthResponse> {
    return readHealth(this.#requester);
  }

  /** `GET sys/seal-status`. Needs no token. */
  sealStatus(): Promise<VaultResponse<VaultSealStatus>> {
    return this.#seal.status();
  }

  /** `PUT sys/seal`. Needs `sudo`. */
  seal(): Promise<VaultResponse<null>> {
    return this.#seal.seal();
  }

  /** `PUT sys/unseal` with one share of the key, or `{ reset: true }` to begin again. Needs no token; `data.sealed` says whether more shares are wanted. */
  unseal(key: string | VaultUnsealRequest): Promise<VaultResponse<VaultSealStatus>> {
    return this.#seal.unseal(key);
  }

  /** `GET sys/auth`: the auth methods by their paths, each with a slash at the end. */
  listAuthMethods(): Promise<VaultResponse<Readonly<Record<string, VaultMount>>>> {
    return this.#methods.list();
  }

  /** `POST sys/auth/:path`. @throws VaultInvalidRequestError for a path that is taken. */
  enableAuthMethod(type: string, request: VaultMountRequest = {}): Promise<VaultResponse<null>> {
    return this.#methods.enable(type, request);
  }

  /** `DELETE sys/auth/:path`: ends all its tokens. */
  disableAuthMethod(path: string): Promise<VaultResponse<null>> {
    return this.#methods.disable(path);
  }

  /** `GET sys/mounts`: the secret engines by their paths, each with a slash at the end. */
  listMounts(): Promise<VaultResponse<Readonly<Record<string, VaultMount>>>> {
    return this.#engines.list();
  }

  /** `POST sys/mounts/:path`. @throws VaultInvalidRequestError for a path that is taken. */
  enableEngine(type: string, request: VaultMountRequest = {}): Promise<VaultResponse<null>> {
    return this.#engines.enable(type, request);
  }

  /** `DELETE sys/mounts/:path`: revokes all its leases and deletes its data. */
  disableEngine(path: string): Promise<VaultResponse<null>> {
    return this.#engines.disable(path);
  }

  /** `GET sys/audit`: the audit devices by their paths, each with a slash at the end. Needs `sudo`. */
  listAuditDevices(): Promise<VaultResponse<Readonly<Record<string, VaultAuditDevice>>>> {
    return this.#audit.list();
  }

  /** `PUT sys/audit/:path`. Needs `sudo`. @throws VaultInvalidRequestError for a path that is taken. */
  enableAuditDevice(type: string, request: VaultAuditRequest = {}): Promise<VaultResponse<null>> {
    return this.#audit.enable(type, request);
  }

  /** `DELETE sys/audit/:path`. Needs `sudo`. */
  disableAuditDevice(path: string): Promise<VaultResponse<null>> {
    return this.#audit.disable(path);
  }

  /** `LIST sys/policies/acl` */
  listPolicies(): Promise<VaultResponse<VaultKeys>> {
    return this.#policies.list();
  }

  /** `GET sys/policies/acl/:name`. @throws VaultInvalidPathError where there is none. */
  readPolicy(name: string): Promise<VaultResponse<VaultPolicy>> {
    return this.#policies.read(name);
  }

  /** `PUT sys/policies/acl/:name`. @param policy HCL, JSON as text, or an object that becomes JSON. */
  createOrUpdatePolicy(name: string, policy: string | object): Promise<VaultResponse<null>> {
    return this.#policies.write(name, policy);
  }

  /** `DELETE sys/policies/acl/:name` */
  deletePolicy(name: string): Promise<VaultResponse<null>> {
    return this.#policies.delete(name);
  }

  /** `POST sys/capabilities-self`: what the client's own token may do at these paths. */
  async capabilitiesSelf(paths: string | readonly string[]): Promise<VaultResponse<VaultCapabilities>> {
    const body = { paths: typeof paths === 'string' ? [paths] : paths };
    const path = VaultPath.of('sys/capabilities-self');
    return this.#requester.call({ method: 'POST', path, body, repeatable: true });
  }
}
