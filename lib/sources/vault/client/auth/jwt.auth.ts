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

/** `auth/jwt` */
export class JwtAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login`. Sets the client's token. @throws VaultInvalidRequestError where the JWT or the role is refused. */
  async login(login: VaultJwtLogin): Promise<VaultAuthResponse> {
    const { role, jwt, mount = 'jwt' } = ownOptions(login, JWT_LOGIN, 'client.auth.jwt.login');
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), { role, jwt });
  }
}
