import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import { AppRoleAuth } from './auth/app-role.auth.js';
import { AwsIamAuth } from './auth/aws-iam.auth.js';
import { AzureAuth } from './auth/azure.auth.js';
import { CertAuth } from './auth/cert.auth.js';
import { GithubAuth } from './auth/github.auth.js';
import { JwtAuth } from './auth/jwt.auth.js';
import { KubernetesAuth } from './auth/kubernetes.auth.js';
import { TokenAuth } from './auth/token.auth.js';
import { UserpassAuth } from './auth/userpass.auth.js';
import { AwsEngine } from './engines/aws.engine.js';
import { DatabaseEngine } from './engines/database.engine.js';
import { IdentityEngine } from './engines/identity.engine.js';
import { PkiEngine } from './engines/pki.engine.js';
import { SshEngine } from './engines/ssh.engine.js';
import { TotpEngine } from './engines/totp.engine.js';
import { TransitEngine } from './engines/transit.engine.js';
import { KvV1 } from './kv/kv-v1.engine.js';
import { KvV2 } from './kv/kv-v2.engine.js';
import { VaultSys } from './sys/vault.sys.js';
import type {
  VaultMethod,
  VaultRawAnswer,
  VaultRequestOptions,
  VaultStreamAnswer,
  VaultStreamOptions,
} from './any-request.js';
import { rawAnswerOf, REQUEST_OPTIONS, requestOf, streamAnswerOf } from './any-request.js';
import type { VaultAuthResponse, VaultKeys, VaultResponse } from './vault.answer.js';
import { isVaultError } from './vault.errors.js';
import { VaultPath } from './vault-path.js';
import { isDenialOfPolicy } from './token-denial.js';
import type { VaultRequester } from './wire/vault.requester.js';

/** Auth methods. Each `login` sets the client's token, and gives the envelope. */
export interface VaultAuthMethods {
  readonly token: TokenAuth;
  readonly appRole: AppRoleAuth;
  readonly kubernetes: KubernetesAuth;
  readonly userpass: UserpassAuth;
  readonly jwt: JwtAuth;
  readonly cert: CertAuth;
  readonly awsIam: AwsIamAuth;
  readonly ldap: UserpassAuth;
  readonly okta: UserpassAuth;
  readonly github: GithubAuth;
  readonly gcp: JwtAuth;
  readonly azure: AzureAuth;
}

/** All calls of Vault's API: of a client itself, and of what `withWrapping` and `withSignal` derive from it. */
export class VaultCalls {
  readonly auth: VaultAuthMethods;
  readonly kv: { readonly v1: KvV1; readonly v2: KvV2 };
  readonly database: DatabaseEngine;
  readonly aws: AwsEngine;
  readonly pki: PkiEngine;
  readonly transit: TransitEngine;
  readonly ssh: SshEngine;
  readonly totp: TotpEngine;
  readonly identity: IdentityEngine;
  readonly sys: VaultSys;
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
    this.sys = new VaultSys(requester);
    this.auth = {
      token: new TokenAuth(requester),
      appRole: new AppRoleAuth(requester, this.sys.wrapping),
      kubernetes: new KubernetesAuth(requester),
      userpass: new UserpassAuth(requester),
      jwt: new JwtAuth(requester),
      cert: new CertAuth(requester),
      awsIam: new AwsIamAuth(requester),
      ldap: new UserpassAuth(requester, 'ldap'),
      okta: new UserpassAuth(requester, 'okta'),
      github: new GithubAuth(requester),
      gcp: new JwtAuth(requester, 'gcp'),
      azure: new AzureAuth(requester),
    };
    this.kv = { v1: new KvV1(requester), v2: new KvV2(requester) };
    this.database = new DatabaseEngine(requester);
    this.aws = new AwsEngine(requester);
    this.pki = new PkiEngine(requester);
    this.transit = new TransitEngine(requester);
    this.ssh = new SshEngine(requester);
    this.totp = new TotpEngine(requester);
    this.identity = new IdentityEngine(requester);
  }

  /**
   * Whether the token is good, by `GET auth/token/lookup-self`. False where Vault refuses it, or there is none; true for one whose policies, without
   * `default`, do not let it look itself up. @throws VaultError for all else: a sealed or unreachable server is not an answer.
   */
  async isAuthenticated(): Promise<boolean> {
    try {
      await this.#requester.call({ path: VaultPath.of('auth/token/lookup-self'), unwrapped: true });
      return true;
    } catch (error) {
      if (!isVaultError(error) || error.status !== 403) throw error;
      return isDenialOfPolicy(error);
    }
  }

  /**
   * `GET :path`. Tried again as all idempotent requests are: for a path whose reading issues credentials, say `{ repeatable: false }`.
   * @param path without `/v1/`, e.g. `'secret/data/app'`; each segment is checked and encoded.
   * @throws VaultInvalidPathError, VaultForbiddenError, and all others of VaultError.
   */
  async read<T = Readonly<Record<string, unknown>>>(
    path: string,
    options?: { repeatable?: boolean | undefined },
  ): Promise<VaultResponse<T>> {
    const { repeatable } = ownOptions(options, { repeatable: 'boolean' }, 'client.read');
    return this.#requester.call({ path: VaultPath.of(path), repeatable });
  }

  /** `POST :path`. The data go as they are; what the endpoint answers is in `data`, null where it answers nothing. Never repeated. */
  async write<T = Readonly<Record<string, unknown>>>(path: string, data: object = {}): Promise<VaultResponse<T>> {
    return this.#requester.call({ method: 'POST', path: VaultPath.of(path), body: data });
  }

  /**
   * `POST :path`, the login of whatever method, e.g. `login('auth/radius/login/app', { password })`. Sets the client's token. Never repeated.
   * @throws VaultInvalidRequestError or VaultForbiddenError where the credentials are refused.
   */
  async login(path: string, credentials: object = {}): Promise<VaultAuthResponse> {
    return this.#requester.login(VaultPath.of(path), credentials);
  }

  /** `LIST :path`, with or without a slash at the end. An empty folder is `{ keys: [] }`. @throws VaultInvalidPathError where there is no such mount. */
  async list(path: string): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(VaultPath.of(path));
  }

  /** `DELETE :path` */
  async delete<T = null>(path: string): Promise<VaultResponse<T>> {
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of(path) });
  }

  /**
   * Any call of Vault's API, for what has no method of its own: with a query, with a body of any method, with (`raw`) an answer that is not JSON, such as
   * a CRL, an SSH key or metrics, or (`stream`) one that may be larger than memory, such as a snapshot.
   * @throws VaultError as all calls do.
   */
  request(method: VaultMethod, path: string, options: VaultRequestOptions & { raw: true }): Promise<VaultRawAnswer>;
  request(method: VaultMethod, path: string, options: VaultStreamOptions): Promise<VaultStreamAnswer>;
  request<T = Readonly<Record<string, unknown>>>(
    method: VaultMethod,
    path: string,
    options?: VaultRequestOptions & { raw?: false | undefined },
  ): Promise<VaultResponse<T>>;
  async request(
    method: VaultMethod,
    path: string,
    options?: VaultRequestOptions | VaultStreamOptions,
  ): Promise<VaultResponse<unknown> | VaultRawAnswer | VaultStreamAnswer> {
    const given = ownOptions(options, REQUEST_OPTIONS, 'client.request');
    const request = requestOf(method, path, given);
    if (given.stream) return streamAnswerOf(await this.#requester.raw(request));
    return given.raw ? rawAnswerOf(await this.#requester.raw(request)) : this.#requester.call(request);
  }

  static {
    hideInOutput(VaultCalls.prototype, (self) => `[vault ${self.#requester.origin}]`);
  }
}
