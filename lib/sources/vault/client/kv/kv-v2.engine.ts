import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import { MERGE_PATCH, MOUNT_OPTIONS, mountOf, toFields } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { withoutSlashesAround, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';
import type {
  VaultKvConfiguration,
  VaultKvMetadata,
  VaultKvMetadataPatch,
  VaultKvMetadataUpdate,
  VaultKvSecret,
  VaultKvVersionMetadata,
} from './kv-v2.answers.js';

export interface VaultKvReadOptions extends MountOption {
  /** From 1 on. @default the latest */
  readonly version?: number | undefined;
}

export interface VaultKvWriteOptions extends MountOption {
  /** The version that must be the latest for the write to be taken; 0: there must be none yet. */
  readonly cas?: number | undefined;
}

export interface VaultKvPatchOptions extends VaultKvWriteOptions {
  /** `rw` reads and writes with check-and-set, for tokens without the capability `patch`: then top-level keys are merged. @default 'patch' */
  readonly method?: 'patch' | 'rw' | undefined;
}

export const KV_READ_OPTIONS: OptionKinds<VaultKvReadOptions> = { ...MOUNT_OPTIONS, version: 'number' };

export const KV_WRITE_OPTIONS: OptionKinds<VaultKvWriteOptions> = { ...MOUNT_OPTIONS, cas: 'number' };

export const KV_PATCH_OPTIONS: OptionKinds<VaultKvPatchOptions> = { ...KV_WRITE_OPTIONS, method: ['patch', 'rw'] };

const configOf = (mount: string): VaultPath => VaultPath.of(mount, 'config');

/** The KV engine, version 2. `mount` is `'secret'` unless given. */
export class KvV2 {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /**
   * `GET :mount/data/:path`
   * @throws VaultInvalidPathError: with `metadata` for a version that was deleted or destroyed, without for one (or a secret) that never was.
   */
  async read<T = Readonly<Record<string, unknown>>>(
    path: string,
    options?: VaultKvReadOptions,
  ): Promise<VaultResponse<VaultKvSecret<T>>> {
    const { version, mount = 'secret' } = ownOptions(options, KV_READ_OPTIONS, 'client.kv.v2.read');
    return this.#requester.call({ path: VaultPath.of(mount, 'data', path), query: { version } });
  }

  /** `POST :mount/data/:path`: a new version. @throws VaultInvalidRequestError where `cas` is another version than the latest. */
  async createOrUpdate(
    path: string,
    data: object,
    options?: VaultKvWriteOptions,
  ): Promise<VaultResponse<VaultKvVersionMetadata>> {
    return this.#write('POST', path, data, ownOptions(options, KV_WRITE_OPTIONS, 'client.kv.v2.createOrUpdate'));
  }

  /** `PATCH :mount/data/:path`: a new version with these keys set, or removed where they are null (RFC 7396). @throws VaultInvalidPathError where there is no readable version to start from. */
  async patch(
    path: string,
    data: object,
    options?: VaultKvPatchOptions,
  ): Promise<VaultResponse<VaultKvVersionMetadata>> {
    const { method, ...given } = ownOptions(options, KV_PATCH_OPTIONS, 'client.kv.v2.patch');
    if (method !== 'rw') return this.#write('PATCH', path, data, given);
    const { data: before, metadata } = (await this.read(path, { mount: given.mount })).data;
    const merged = Object.entries({ ...before, ...data }).filter(([, value]) => value !== null);
    const cas = given.cas ?? metadata.version;
    return this.#write('POST', path, Object.fromEntries(merged), { ...given, cas });
  }

  /** `LIST :mount/metadata/:path`; without a path, the whole mount. Only names; an empty folder is `{ keys: [] }`. */
  async list(path = '', options?: MountOption): Promise<VaultResponse<VaultKeys>> {
    const mount = mountOf(options, 'secret', 'client.kv.v2.list');
    return this.#requester.list(VaultPath.of(mount, 'metadata', ...(withoutSlashesAround(path) === '' ? [] : [path])));
  }

  /** `DELETE :mount/data/:path`: deletes the latest version; `undelete` brings it back. */
  async delete(path: string, options?: MountOption): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'secret', 'client.kv.v2.delete');
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of(mount, 'data', path) });
  }

  /** `POST :mount/delete/:path`: deletes these versions; `undelete` brings them back. */
  async deleteVersions(path: string, versions: readonly number[], options?: MountOption): Promise<VaultResponse<null>> {
    return this.#versions('delete', path, versions, mountOf(options, 'secret', 'client.kv.v2.deleteVersions'));
  }

  /** `POST :mount/undelete/:path` */
  async undelete(path: string, versions: readonly number[], options?: MountOption): Promise<VaultResponse<null>> {
    return this.#versions('undelete', path, versions, mountOf(options, 'secret', 'client.kv.v2.undelete'));
  }

  /** `POST :mount/destroy/:path`: removes the data of these versions for good. */
  async destroy(path: string, versions: readonly number[], options?: MountOption): Promise<VaultResponse<null>> {
    return this.#versions('destroy', path, versions, mountOf(options, 'secret', 'client.kv.v2.destroy'));
  }

  /** `GET :mount/metadata/:path`: of all versions. @throws VaultInvalidPathError where there is no such secret. */
  async readMetadata(path: string, options?: MountOption): Promise<VaultResponse<VaultKvMetadata>> {
    const mount = mountOf(options, 'secret', 'client.kv.v2.readMetadata');
    return this.#requester.call({ path: VaultPath.of(mount, 'metadata', path) });
  }

  /** `POST :mount/metadata/:path`: what is left out stays; `customMetadata` goes in place of all that was there. */
  async updateMetadata(
    path: string,
    metadata: VaultKvMetadataUpdate,
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'secret', 'client.kv.v2.updateMetadata');
    return this.#requester.call({
      method: 'POST',
      path: VaultPath.of(mount, 'metadata', path),
      body: toFields(metadata),
      repeatable: true,
    });
  }

  /** `PATCH :mount/metadata/:path`: what is left out stays, keys of `customMetadata` too; null removes one (RFC 7396). @throws VaultInvalidPathError where there is no such secret. */
  async patchMetadata(
    path: string,
    metadata: VaultKvMetadataPatch,
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'secret', 'client.kv.v2.patchMetadata');
    return this.#requester.call({
      method: 'PATCH',
      path: VaultPath.of(mount, 'metadata', path),
      body: toFields(metadata),
      contentType: MERGE_PATCH,
      repeatable: true,
    });
  }

  /** `GET :mount/config`: what holds for all secrets that say nothing else. */
  async readConfiguration(options?: MountOption): Promise<VaultResponse<VaultKvConfiguration>> {
    return this.#requester.call({ path: configOf(mountOf(options, 'secret', 'client.kv.v2.readConfiguration')) });
  }

  /** `POST :mount/config`: what is left out stays. */
  async configure(
    configuration: Omit<VaultKvMetadataUpdate, 'customMetadata'>,
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    const path = configOf(mountOf(options, 'secret', 'client.kv.v2.configure'));
    return this.#requester.call({ method: 'POST', path, body: toFields(configuration), repeatable: true });
  }

  /** `DELETE :mount/metadata/:path`: the secret with all its versions, for good. */
  async deleteMetadataAndAllVersions(path: string, options?: MountOption): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'secret', 'client.kv.v2.deleteMetadataAndAllVersions');
    return this.#requester.call({ method: 'DELETE', path: VaultPath.of(mount, 'metadata', path) });
  }

  #write(
    method: 'POST' | 'PATCH',
    path: string,
    data: object,
    { cas, mount = 'secret' }: VaultKvWriteOptions,
  ): Promise<VaultResponse<VaultKvVersionMetadata>> {
    return this.#requester.call({
      method,
      path: VaultPath.of(mount, 'data', path),
      body: { data, ...(cas !== undefined && { options: { cas } }) },
      ...(method === 'PATCH' && { contentType: MERGE_PATCH }),
    });
  }

  #versions(
    verb: 'delete' | 'undelete' | 'destroy',
    path: string,
    versions: readonly number[],
    mount: string,
  ): Promise<VaultResponse<null>> {
    // The same versions end up deleted however often it is said.
    return this.#requester.call({
      method: 'POST',
      path: VaultPath.of(mount, verb, path),
      body: { versions },
      repeatable: true,
    });
  }
}
