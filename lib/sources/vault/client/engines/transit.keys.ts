import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import { MOUNT_OPTIONS, mountOf, toFields } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultTransitKeyRequest {
  /** E.g. 'aes256-gcm96', 'chacha20-poly1305', 'ed25519', 'ecdsa-p256', 'rsa-2048', 'hmac'. @default 'aes256-gcm96' */
  readonly type?: string | undefined;
  /** Each use names a `context`, which the key in use is derived from. @default false */
  readonly derived?: boolean | undefined;
  /** The same text under the same context gives the same ciphertext. Needs `derived`. @default false */
  readonly convergentEncryption?: boolean | undefined;
  /** Can't be taken back. @default false */
  readonly exportable?: boolean | undefined;
  /** For `backup`. Can't be taken back. @default false */
  readonly allowPlaintextBackup?: boolean | undefined;
  /** Bytes, of the type 'hmac'. */
  readonly keySize?: number | undefined;
  /** E.g. `'720h'`, at least `'1h'`; `'0'` for never. @default '0' */
  readonly autoRotatePeriod?: string | undefined;
}

export interface VaultTransitKeyConfiguration {
  /** Older ciphertexts are refused. */
  readonly minDecryptionVersion?: number | undefined;
  /** 0 is the latest. */
  readonly minEncryptionVersion?: number | undefined;
  /** For `delete`. */
  readonly deletionAllowed?: boolean | undefined;
  /** Can't be taken back. */
  readonly exportable?: boolean | undefined;
  /** Can't be taken back. */
  readonly allowPlaintextBackup?: boolean | undefined;
  readonly autoRotatePeriod?: string | undefined;
}

export interface VaultTransitKey {
  readonly name: string;
  readonly type: string;
  /** By version: when it was made (seconds since 1970), or what is public of an asymmetric one. */
  readonly keys: Readonly<Record<string, number | Readonly<Record<string, unknown>>>>;
  readonly latest_version: number;
  readonly min_available_version: number;
  readonly min_decryption_version: number;
  readonly min_encryption_version: number;
  readonly derived: boolean;
  readonly exportable: boolean;
  readonly allow_plaintext_backup: boolean;
  readonly deletion_allowed: boolean;
  /** Seconds; 0 for never. */
  readonly auto_rotate_period: number;
  readonly supports_encryption: boolean;
  readonly supports_decryption: boolean;
  readonly supports_derivation: boolean;
  readonly supports_signing: boolean;
}

export interface VaultTransitExport {
  readonly name: string;
  /** By version: base64 of a symmetric key, PEM of an asymmetric one. */
  readonly keys: Readonly<Record<string, string>>;
}

export type VaultTransitExportType = 'encryption-key' | 'signing-key' | 'hmac-key' | 'public-key';

export interface VaultTransitExportOptions extends MountOption {
  /** @default all that there are */
  readonly version?: number | 'latest' | undefined;
}

const EXPORT_OPTIONS: OptionKinds<VaultTransitExportOptions> = { ...MOUNT_OPTIONS, version: 'any' };

export interface VaultTransitRestoreOptions extends MountOption {
  /** In place of the name in the backup. */
  readonly name?: string | undefined;
  /** In place of a key that is there. @default false */
  readonly force?: boolean | undefined;
}

const RESTORE_OPTIONS: OptionKinds<VaultTransitRestoreOptions> = { ...MOUNT_OPTIONS, name: 'text', force: 'boolean' };

/** The keys of transit. `mount` is `'transit'` unless given. Answers keep Vault's envelope. */
export class TransitKeys {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST :mount/keys/:name`; a key that is there stays as it is, whatever is asked for, and is the answer. @throws VaultInvalidRequestError for a type that is none. */
  async create(
    name: string,
    request: VaultTransitKeyRequest = {},
    options?: MountOption,
  ): Promise<VaultResponse<VaultTransitKey>> {
    const path = keyOf(mountOf(options, 'transit', 'client.transit.keys.create'), name);
    return this.#requester.call({ method: 'POST', path, body: toFields(request), repeatable: true });
  }

  /** `GET :mount/keys/:name`: all but the key itself. @throws VaultInvalidPathError where there is none. */
  async read(name: string, options?: MountOption): Promise<VaultResponse<VaultTransitKey>> {
    return this.#requester.call({ path: keyOf(mountOf(options, 'transit', 'client.transit.keys.read'), name) });
  }

  /** `LIST :mount/keys` */
  async list(options?: MountOption): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(VaultPath.of(mountOf(options, 'transit', 'client.transit.keys.list'), 'keys'));
  }

  /** `POST :mount/keys/:name/rotate`: a new version, which is the latest. Never repeated. */
  async rotate(name: string, options?: MountOption): Promise<VaultResponse<VaultTransitKey>> {
    return this.#post('rotate', name, {}, mountOf(options, 'transit', 'client.transit.keys.rotate'), false);
  }

  /** `POST :mount/keys/:name/config`: what is left out stays. @throws VaultInvalidRequestError for versions that there are not. */
  async configure(
    name: string,
    configuration: VaultTransitKeyConfiguration,
    options?: MountOption,
  ): Promise<VaultResponse<VaultTransitKey>> {
    const mount = mountOf(options, 'transit', 'client.transit.keys.configure');
    return this.#post('config', name, toFields(configuration), mount);
  }

  /** `POST :mount/keys/:name/trim`: removes all older versions for good; `configure` has to have raised both minimal versions that far. */
  async trim(
    name: string,
    minAvailableVersion: number,
    options?: MountOption,
  ): Promise<VaultResponse<VaultTransitKey>> {
    const mount = mountOf(options, 'transit', 'client.transit.keys.trim');
    return this.#post('trim', name, { min_available_version: minAvailableVersion }, mount);
  }

  /** `GET :mount/export/:type/:name[/:version]`: the key itself. @throws VaultInvalidRequestError for a key that is not exportable, or has no such part, VaultInvalidPathError for an unknown one. */
  async export(
    name: string,
    type: VaultTransitExportType,
    options?: VaultTransitExportOptions,
  ): Promise<VaultResponse<VaultTransitExport>> {
    const { mount = 'transit', version } = ownOptions(options, EXPORT_OPTIONS, 'client.transit.keys.export');
    const end = version === undefined ? [] : [segment(String(version))];
    return this.#requester.call({ path: VaultPath.of(mount, 'export', segment(type), segment(name), ...end) });
  }

  /** `GET :mount/backup/:name`: all versions and the configuration, as text for `restore`. @throws VaultServerError unless the key is `exportable`, with `allowPlaintextBackup`. */
  async backup(name: string, options?: MountOption): Promise<VaultResponse<{ readonly backup: string }>> {
    const mount = mountOf(options, 'transit', 'client.transit.keys.backup');
    return this.#requester.call({ path: VaultPath.of(mount, 'backup', segment(name)) });
  }

  /** `POST :mount/restore[/:name]`. Never repeated. @throws VaultServerError for a name that is taken, unless `force` is given. */
  async restore(backup: string, options?: VaultTransitRestoreOptions): Promise<VaultResponse<null>> {
    const { mount = 'transit', name, force } = ownOptions(options, RESTORE_OPTIONS, 'client.transit.keys.restore');
    const path = VaultPath.of(mount, 'restore', ...(name === undefined ? [] : [segment(name)]));
    return this.#requester.call({ method: 'POST', path, body: { backup, force } });
  }

  /** `DELETE :mount/keys/:name`: nothing can decrypt what it encrypted from then on. @throws VaultInvalidRequestError unless `deletionAllowed` is configured. */
  async delete(name: string, options?: MountOption): Promise<VaultResponse<null>> {
    const path = keyOf(mountOf(options, 'transit', 'client.transit.keys.delete'), name);
    return this.#requester.call({ method: 'DELETE', path });
  }

  #post<T>(verb: string, name: string, body: object, mount: string, repeatable = true): Promise<VaultResponse<T>> {
    const path = VaultPath.of(mount, 'keys', segment(name), verb);
    return this.#requester.call({ method: 'POST', path, body, repeatable });
  }
}

const keyOf = (mount: string, name: string): VaultPath => VaultPath.of(mount, 'keys', segment(name));
