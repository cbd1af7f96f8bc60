import type { MountOption } from '../call-fields.js';
import { mountOf, toFields } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

/** Either a key that Vault makes (`generate`, `issuer`, `accountName`), or one of another service (`url`, or `key`). */
export interface VaultTotpKeyRequest {
  /** Vault makes the key, and is the side that checks codes. @default false */
  readonly generate?: boolean | undefined;
  /** False withholds the new key. @default true */
  readonly exported?: boolean | undefined;
  /** Bytes of a new key. @default 20 */
  readonly keySize?: number | undefined;
  /** Of the square of a QR code in pixels; 0 for none. @default 200 */
  readonly qrSize?: number | undefined;
  /** How many periods a code may be early or late. @default 1 */
  readonly skew?: 0 | 1 | undefined;
  /** `otpauth://totp/…`, of another service. */
  readonly url?: string | undefined;
  /** Base32, of another service. */
  readonly key?: string | undefined;
  readonly issuer?: string | undefined;
  readonly accountName?: string | undefined;
  /** Seconds, or e.g. `'30s'`. @default 30 */
  readonly period?: number | string | undefined;
  /** @default 'SHA1' */
  readonly algorithm?: 'SHA1' | 'SHA256' | 'SHA512' | undefined;
  /** @default 6 */
  readonly digits?: 6 | 8 | undefined;
}

/** Of a new key that is not withheld. */
export interface VaultTotpNewKey {
  /** `otpauth://totp/…`, with the key in it. */
  readonly url: string;
  /** A PNG of it in base64; empty with `qrSize: 0`. */
  readonly barcode: string;
}

export interface VaultTotpKey {
  readonly account_name: string;
  readonly algorithm: string;
  readonly digits: number;
  readonly issuer: string;
  /** Seconds. */
  readonly period: number;
}

/** The TOTP engine: codes of RFC 6238, made for another service or checked. `mount` is `'totp'` unless given. */
export class TotpEngine {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST :mount/keys/:name`. `data` is null but for a new key that is not withheld. Never repeated. @throws VaultInvalidRequestError. */
  async createKey(
    name: string,
    request: VaultTotpKeyRequest,
    options?: MountOption,
  ): Promise<VaultResponse<VaultTotpNewKey | null>> {
    const mount = mountOf(options, 'totp', 'client.totp.createKey');
    return this.#requester.call({ method: 'POST', path: keyOf(mount, name), body: toFields(request) });
  }

  /** `GET :mount/keys/:name`: all but the key itself. @throws VaultInvalidPathError where there is none. */
  async readKey(name: string, options?: MountOption): Promise<VaultResponse<VaultTotpKey>> {
    return this.#requester.call({ path: keyOf(mountOf(options, 'totp', 'client.totp.readKey'), name) });
  }

  /** `LIST :mount/keys` */
  async listKeys(options?: MountOption): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(VaultPath.of(mountOf(options, 'totp', 'client.totp.listKeys'), 'keys'));
  }

  /** `DELETE :mount/keys/:name` */
  async deleteKey(name: string, options?: MountOption): Promise<VaultResponse<null>> {
    const path = keyOf(mountOf(options, 'totp', 'client.totp.deleteKey'), name);
    return this.#requester.call({ method: 'DELETE', path });
  }

  /** `GET :mount/code/:name`: the code of now. @throws VaultInvalidRequestError for an unknown key. */
  async generateCode(name: string, options?: MountOption): Promise<VaultResponse<{ readonly code: string }>> {
    const mount = mountOf(options, 'totp', 'client.totp.generateCode');
    return this.#requester.call({ path: VaultPath.of(mount, 'code', segment(name)) });
  }

  /** `POST :mount/code/:name`: whether a code is good, once: Vault takes no code twice. Never repeated. @throws VaultInvalidRequestError for a code that was used, or an unknown key. */
  async validateCode(
    name: string,
    code: string,
    options?: MountOption,
  ): Promise<VaultResponse<{ readonly valid: boolean }>> {
    const path = VaultPath.of(mountOf(options, 'totp', 'client.totp.validateCode'), 'code', segment(name));
    return this.#requester.call({ method: 'POST', path, body: { code } });
  }
}

const keyOf = (mount: string, name: string): VaultPath => VaultPath.of(mount, 'keys', segment(name));
