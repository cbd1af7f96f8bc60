import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultCertLogin extends MountOption {
  /** The only certificate role to try. @default all roles of the mount */
  readonly name?: string | undefined;
}

export const CERT_LOGIN: OptionKinds<VaultCertLogin> = { name: 'text', mount: 'text' };

/** `auth/cert`: the client's own certificate (`tls.cert` and `tls.key`) is the credential. */
export class CertAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login` over mutual TLS. Sets the client's token. @throws VaultInvalidRequestError where no role takes the certificate. */
  async login(login?: VaultCertLogin): Promise<VaultAuthResponse> {
    const { name, mount = 'cert' } = ownOptions(login, CERT_LOGIN, 'client.auth.cert.login');
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), { name });
  }
}
