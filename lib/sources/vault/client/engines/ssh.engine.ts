import type { MountOption } from '../call-fields.js';
import { mountOf, toFields } from '../call-fields.js';
import type { VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultSshCertificateRequest {
  /** Users or hosts, separated by commas. @default the role's `default_user` */
  readonly validPrincipals?: string | undefined;
  /** @default 'user' */
  readonly certType?: 'user' | 'host' | undefined;
  /** What logs of the other end show. The role has to allow it. */
  readonly keyId?: string | undefined;
  /** E.g. `'30m'`. @default the role's */
  readonly ttl?: string | undefined;
  /** E.g. `{ 'force-command': '/bin/date' }`. */
  readonly criticalOptions?: Readonly<Record<string, string>> | undefined;
  /** E.g. `{ 'permit-pty': '' }`. */
  readonly extensions?: Readonly<Record<string, string>> | undefined;
}

export interface VaultSshSigningRequest extends VaultSshCertificateRequest {
  /** As in a file `id_ed25519.pub`. */
  readonly publicKey: string;
}

export interface VaultSshIssueRequest extends VaultSshCertificateRequest {
  /** @default 'rsa' */
  readonly keyType?: 'rsa' | 'ed25519' | 'ec' | undefined;
  readonly keyBits?: number | undefined;
}

export interface VaultSignedSshKey {
  readonly serial_number: string;
  /** The certificate, as in a file `id_ed25519-cert.pub`, with a line break at its end. */
  readonly signed_key: string;
}

export interface VaultIssuedSshKey extends VaultSignedSshKey {
  readonly private_key: string;
  readonly private_key_type: string;
}

export interface VaultSshCredentialsRequest {
  /** Of the host to be reached. */
  readonly ip: string;
  /** @default the role's `default_user` */
  readonly username?: string | undefined;
}

export interface VaultSshCredentials {
  /** The password that can be used once. */
  readonly key: string;
  readonly key_type: 'otp';
  readonly ip: string;
  readonly port: number;
  readonly username: string;
}

/** The SSH engine. `mount` is `'ssh'` unless given. What it signs or issues is never asked for twice. */
export class SshEngine {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST :mount/sign/:role`: a certificate for a key that stays where it is. @throws VaultInvalidRequestError for what the role does not allow, or an unknown role. */
  async sign(
    role: string,
    request: VaultSshSigningRequest,
    options?: MountOption,
  ): Promise<VaultResponse<VaultSignedSshKey>> {
    const mount = mountOf(options, 'ssh', 'client.ssh.sign');
    return this.#post(VaultPath.of(mount, 'sign', segment(role)), toFields(request));
  }

  /** `POST :mount/issue/:role`: a new key with its certificate. @throws VaultInvalidRequestError as `sign`. */
  async issue(
    role: string,
    request: VaultSshIssueRequest = {},
    options?: MountOption,
  ): Promise<VaultResponse<VaultIssuedSshKey>> {
    const mount = mountOf(options, 'ssh', 'client.ssh.issue');
    return this.#post(VaultPath.of(mount, 'issue', segment(role)), toFields(request));
  }

  /** `POST :mount/creds/:role`: a password that can be used once, with a lease. @throws VaultInvalidRequestError for an address or user that the role does not allow. */
  async generateCredentials(
    role: string,
    request: VaultSshCredentialsRequest,
    options?: MountOption,
  ): Promise<VaultResponse<VaultSshCredentials>> {
    const mount = mountOf(options, 'ssh', 'client.ssh.generateCredentials');
    return this.#post(VaultPath.of(mount, 'creds', segment(role)), toFields(request));
  }

  /** `POST :mount/verify`: what a password that can be used once is for; it is used up by that. Needs no token. @throws VaultInvalidRequestError for one that is used or none. */
  async verifyOtp(
    otp: string,
    options?: MountOption,
  ): Promise<VaultResponse<{ readonly ip: string; readonly username: string; readonly role_name: string }>> {
    const mount = mountOf(options, 'ssh', 'client.ssh.verifyOtp');
    return this.#post(VaultPath.of(mount, 'verify'), { otp });
  }

  /** `GET :mount/public_key`: the CA's public key as text, for `TrustedUserCAKeys` of a host. Needs no token, and is never wrapped. @throws VaultInvalidPathError (OpenBao: VaultInvalidRequestError) where the mount has no CA. */
  async readPublicKey(options?: MountOption): Promise<string> {
    const mount = mountOf(options, 'ssh', 'client.ssh.readPublicKey');
    const answer = await this.#requester.raw({ path: VaultPath.of(mount, 'public_key'), unwrapped: true });
    return answer.text().trim();
  }

  #post<T>(path: VaultPath, body: object): Promise<VaultResponse<T>> {
    return this.#requester.call({ method: 'POST', path, body });
  }
}
