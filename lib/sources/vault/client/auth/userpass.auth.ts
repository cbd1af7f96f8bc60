import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultUserpassLogin extends MountOption {
  readonly username: string;
  readonly password: string;
}

export const USERPASS_LOGIN: OptionKinds<VaultUserpassLogin> = {
  username: needed('text'),
  password: needed('text'),
  mount: 'text',
};

/** `auth/userpass`, `auth/ldap` and `auth/okta`; with another `mount` also `auth/radius`, whose login has the same shape. */
export class UserpassAuth {
  readonly #requester: VaultRequester;

  readonly #method: string;

  constructor(requester: VaultRequester, method: 'userpass' | 'ldap' | 'okta' = 'userpass') {
    this.#requester = requester;
    this.#method = method;
  }

  /** `POST auth/:mount/login/:username`. Sets the client's token. @throws VaultInvalidRequestError for a wrong password. */
  async login(login: VaultUserpassLogin): Promise<VaultAuthResponse> {
    const given = ownOptions(login, USERPASS_LOGIN, `client.auth.${this.#method}.login`);
    const { username, password, mount = this.#method } = given;
    return this.#requester.login(VaultPath.of('auth', mount, 'login', segment(username)), { password });
  }
}
