import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultJwtLogin extends MountOption {
  /** @default the mount's `default_role` */
  readonly role?: string | undefined;
  readonly jwt: string;
}

export const JWT_LOGIN: OptionKinds<VaultJwtLogin> = { role: 'text', jwt: needed('text'), mount: 'text' };

/** `auth/jwt`, and `auth/gcp`, which takes a JWT that Google signed. */
export class JwtAuth {
  readonly #requester: VaultRequester;

  readonly #method: string;

  constructor(requester: VaultRequester, method: 'jwt' | 'gcp' = 'jwt') {
    this.#requester = requester;
    this.#method = method;
  }

  /** `POST auth/:mount/login`. Sets the client's token. @throws VaultInvalidRequestError where the JWT or the role is refused. */
  async login(login: VaultJwtLogin): Promise<VaultAuthResponse> {
    const given = ownOptions(login, JWT_LOGIN, `client.auth.${this.#method}.login`);
    const { role, jwt, mount = this.#method } = given;
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), { role, jwt });
  }
}
