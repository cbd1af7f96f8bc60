import type { MountOption } from '../call-fields.js';
import { mountOf, toFields } from '../call-fields.js';
import type { VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultCertificateRequest {
  readonly commonName: string;
  /** DNS names and e-mail addresses, separated by commas. */
  readonly altNames?: string | undefined;
  /** Separated by commas. */
  readonly ipSans?: string | undefined;
  /** Separated by commas. */
  readonly uriSans?: string | undefined;
  readonly otherSans?: string | undefined;
  /** E.g. `'24h'`. @default the role's */
  readonly ttl?: string | undefined;
  /** In place of `ttl`: an RFC 3339 time. */
  readonly notAfter?: string | undefined;
  readonly format?: 'pem' | 'der' | 'pem_bundle' | undefined;
  readonly privateKeyFormat?: 'der' | 'pkcs8' | undefined;
  readonly excludeCnFromSans?: boolean | undefined;
}

export interface VaultSigningRequest extends VaultCertificateRequest {
  /** PEM */
  readonly csr: string;
}

export interface VaultSignedCertificate {
  /** PEM, unless another `format` was asked for. */
  readonly certificate: string;
  readonly issuing_ca: string;
  readonly ca_chain?: readonly string[];
  readonly serial_number: string;
  /** Seconds since 1970. */
  readonly expiration: number;
}

export interface VaultIssuedCertificate extends VaultSignedCertificate {
  readonly private_key: string;
  readonly private_key_type: string;
}

/** The PKI engine. `mount` is `'pki'` unless given. */
export class PkiEngine {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST :mount/issue/:role`: a new key with its certificate. Leased only where the role has `generate_lease`. @throws VaultInvalidRequestError for what the role does not allow. */
  async issue(
    role: string,
    request: VaultCertificateRequest,
    options?: MountOption,
  ): Promise<VaultResponse<VaultIssuedCertificate>> {
    const mount = mountOf(options, 'pki', 'client.pki.issue');
    return this.#requester.call({
      method: 'POST',
      path: VaultPath.of(mount, 'issue', segment(role)),
      body: toFields(request),
    });
  }

  /** `POST :mount/sign/:role`: a certificate for a key that stays where it is. @throws VaultInvalidRequestError as `issue`. */
  async sign(
    role: string,
    request: VaultSigningRequest,
    options?: MountOption,
  ): Promise<VaultResponse<VaultSignedCertificate>> {
    const mount = mountOf(options, 'pki', 'client.pki.sign');
    return this.#requester.call({
      method: 'POST',
      path: VaultPath.of(mount, 'sign', segment(role)),
      body: toFields(request),
    });
  }

  /** `POST :mount/revoke`. @param serialNumber as `data.serial_number` has it, with colons. */
  async revoke(
    serialNumber: string,
    options?: MountOption,
  ): Promise<VaultResponse<{ readonly revocation_time: number; readonly revocation_time_rfc3339: string }>> {
    const mount = mountOf(options, 'pki', 'client.pki.revoke');
    return this.#requester.call({
      method: 'POST',
      path: VaultPath.of(mount, 'revoke'),
      body: { serial_number: serialNumber },
      repeatable: true,
    });
  }

  /** `GET :mount/cert/ca`: the mount's CA in PEM, as `data.certificate`. Needs no token. */
  async readCa(
    options?: MountOption,
  ): Promise<
    VaultResponse<{ readonly certificate: string; readonly ca_chain?: string; readonly revocation_time: number }>
  > {
    const mount = mountOf(options, 'pki', 'client.pki.readCa');
    return this.#requester.call({ path: VaultPath.of(mount, 'cert/ca') });
  }
}
