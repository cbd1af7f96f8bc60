import type { JsonObject } from '../../../core/secret/json.js';
import type { VaultCalls } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import type { VaultInvalidPathError } from '../client/index.js';
import { dateOf } from '../client/foreign-numbers.js';

/** How often something is written anew where somebody else wrote in between. */
const TRIES = 5;

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
    return { data, version: String(metadata.version), createdAt: dateOf(metadata.created_time) };
  }

  /** Names below a folder, those of folders with a slash at the end; without a folder, of the mount. */
  async list(calls: VaultCalls, folder: string): Promise<readonly string[]> {
    const kv = this.version === 1 ? calls.kv.v1 : calls.kv.v2;
    return (await kv.list(folder, { mount: this.mount })).data.keys;
  }

  /** What is there, deleted or not, so that it can be written over: a version that was deleted is still the latest. */
  async latest(calls: VaultCalls, path: string): Promise<KvReading> {
    try {
      return (await this.read(calls, path)) ?? { data: {} };
    } catch (error) {
      if (!isVaultError(error) || error.status !== 404 || error.isForeign) throw error;
      const { metadata } = error as VaultInvalidPathError;
      return { data: {}, version: String(metadata?.version ?? 0) };
    }
  }

  /** Writes over what is there, whatever it is; also where the engine, or the secret, takes no write without `cas`. */
  async overwrite(calls: VaultCalls, path: string, data: JsonObject): Promise<void> {
    try {
      await this.write(calls, path, data);
    } catch (error) {
      if (this.version === 1 || !isVaultError(error) || !error.errors.some(wantsCas)) throw error;
      await this.rewrite(calls, path, () => data);
    }
  }

  /** Writes what is made of what is there, with check-and-set: anew where somebody else wrote in between. */
  async rewrite(calls: VaultCalls, path: string, make: (before: JsonObject) => JsonObject): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const before = await this.latest(calls, path);
      try {
        return await this.write(calls, path, make(before.data), Number(before.version ?? 0));
      } catch (error) {
        const outrun = this.version === 2 && isVaultError(error) && error.status === 400;
        if (!outrun || tries === TRIES) throw error;
      }
    }
  }

  /** @param cas the version that must be the latest; 0 for none. Of version 2 alone. */
  async write(calls: VaultCalls, path: string, data: JsonObject, cas?: number): Promise<void> {
    const { mount } = this;
    if (this.version === 1) await calls.kv.v1.write(path, data, { mount });
    else await calls.kv.v2.createOrUpdate(path, data, { mount, cas });
  }

  /** Sets one field, the others staying as they are. False where Vault lacks this call, it is not allowed, or it would have to name a version. */
  async patch(calls: VaultCalls, path: string, field: string, text: string): Promise<boolean> {
    if (this.version === 1) return false;
    try {
      await calls.kv.v2.patch(path, { [field]: text }, { mount: this.mount });
      return true;
    } catch (error) {
      if (!isVaultError(error)) throw error;
      if ([403, 404, 405, 415].includes(error.status ?? 0) || error.errors.some(wantsCas)) return false;
      throw error;
    }
  }
}

/** The words of a mount or a secret with `cas_required`. */
const wantsCas = (text: string): boolean => text.includes('check-and-set parameter required');
