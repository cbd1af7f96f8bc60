import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultCertLogin extends MountOption {
  /** The certificate role to try alone. @default all roles of the mount */
  readonly name?: string | undefined;
}

/** `auth/cert`: the client's own certificate (`tls.cert` and `tls.key`) is the credential. */
export class CertAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login` over mutual TLS. Sets the client's token. @throws VaultInvalidRequestError where no role takes the certificate. */
  async login({ name, mount = 'cert' }: VaultCertLogin = {}): Promise<VaultAuthResponse> {
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), { name });
  }
}
