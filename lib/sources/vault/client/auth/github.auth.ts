import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultGithubLogin extends MountOption {
  /** A personal access token. */
  readonly token: string;
}

export const GITHUB_LOGIN: OptionKinds<VaultGithubLogin> = { token: needed('text'), mount: 'text' };

/** `auth/github` */
export class GithubAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login`. Sets the client's token. @throws VaultInvalidRequestError where GitHub does not know the token, or no team of its user is mapped. */
  async login(login: VaultGithubLogin): Promise<VaultAuthResponse> {
    const { token, mount = 'github' } = ownOptions(login, GITHUB_LOGIN, 'client.auth.github.login');
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), { token });
  }
}
