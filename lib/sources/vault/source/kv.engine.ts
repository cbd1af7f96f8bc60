import type { JsonObject } from '../../../core/secret/json.js';
import type { VaultCalls } from '../client/index.js';
import { isVaultError } from '../client/index.js';

export interface KvReading {
  readonly data: JsonObject;
  /** Of version 2 alone. */
  readonly version?: string | undefined;
  readonly createdAt?: Date | undefined;
}

/** A KV engine of either version, at its mount. */
export class KvEngine {
  constructor(
    readonly mount: string = 'secret',
    readonly version: 1 | 2 = 2,
  ) {}

  /** How people know the place, for errors. */
  at(path: string): string {
    return `${this.mount}/${path}`;
  }

  /** @param version a number, as text; undefined for the latest. Undefined comes back for what can be no version. */
  async read(calls: VaultCalls, path: string, version?: string): Promise<KvReading | undefined> {
    const { mount } = this;
    if (version !== undefined && (this.version === 1 || !/^[1-9]\d{0,14}$/.test(version))) return undefined;
    if (this.version === 1) {
      const { data } = await calls.kv.v1.read<JsonObject>(path, { mount });
      return { data };
    }
    const options = { mount, ...(version !== undefined && { version: Number(version) }) };
    const { data, metadata } = (await calls.kv.v2.read<JsonObject>(path, options)).data;
    return { data, version: String(metadata.version), createdAt: new Date(metadata.created_time) };
  }

  /** Names below a folder, those of folders with a slash at the end; without a folder, of the mount. */
  async list(calls: VaultCalls, folder: string): Promise<readonly string[]> {
    const kv = this.version === 1 ? calls.kv.v1 : calls.kv.v2;
    return (await kv.list(folder, { mount: this.mount })).data.keys;
  }

  /** @param cas the version that must be the latest; 0 for none. Of version 2 alone. */
  async write(calls: VaultCalls, path: string, data: JsonObject, cas?: number): Promise<void> {
    const { mount } = this;
    if (this.version === 1) await calls.kv.v1.write(path, data, { mount });
    else await calls.kv.v2.createOrUpdate(path, data, { mount, cas });
  }

  /** Sets one field, the others staying as they are. False where Vault lacks this call, or it is not allowed. */
  async patch(calls: VaultCalls, path: string, field: string, text: string): Promise<boolean> {
    if (this.version === 1) return false;
    try {
      await calls.kv.v2.patch(path, { [field]: text }, { mount: this.mount });
      return true;
    } catch (error) {
      if (isVaultError(error) && [403, 404, 405, 415].includes(error.status ?? 0)) return false;
      throw error;
    }
  }
}
