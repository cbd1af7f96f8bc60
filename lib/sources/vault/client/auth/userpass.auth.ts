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

/** `auth/userpass`; with another `mount` also `auth/ldap`, `auth/okta` and `auth/radius`, whose logins have the same shape. */
export class UserpassAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login/:username`. Sets the client's token. @throws VaultInvalidRequestError for a wrong password. */
  async login(login: VaultUserpassLogin): Promise<VaultAuthResponse> {
    const given = ownOptions(login, USERPASS_LOGIN, 'client.auth.userpass.login');
    const { username, password, mount = 'userpass' } = given;
    return this.#requester.login(VaultPath.of('auth', mount, 'login', segment(username)), { password });
  }
}
