import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { JsonObject } from '../../../core/secret/json.js';
import type { JsonMember } from '../../../core/secret/json-fields.js';
import { jsonMembers } from '../../../core/secret/json-fields.js';
import type { VaultCalls, VaultInvalidPathError, VaultKvVersionMetadata } from '../client/index.js';
import { isVaultError, VaultConnectionError } from '../client/index.js';
import { KIND } from '../errors/vault.source.errors.js';
import type { KvVersion } from './kv.mount.js';
import { KvMount } from './kv.mount.js';
import { WriteQueue } from './write.queue.js';
import type { KvState } from './written.versions.js';
import { WrittenVersions } from './written.versions.js';

/** How often something is written again where somebody else wrote in between. */
const TRIES = 5;

export interface KvReading extends KvState {
  readonly data: JsonObject;
}

/** A secret as it is written, for its fields to be taken one by one. */
export interface KvFields extends KvState {
  readonly fields: readonly JsonMember[];
}

/** A KV engine of either version, at its mount. */
export class KvEngine {
  readonly #mount: KvMount;
  readonly #writes = new WriteQueue();
  readonly #written = new WrittenVersions();

  /** @param version of the engine; without it Vault is asked where it matters. */
  constructor(mount: string = 'secret', version?: KvVersion) {
    this.#mount = new KvMount(mount, version);
  }

  get mount(): string {
    return this.#mount.name;
  }

  /** How people know the place, for errors. */
  at(path: string): string {
    return `${this.#mount.name}/${path}`;
  }

  /** The request that reads it, as far as the version of the engine is known. */
  requestAt(path: string): string {
    return `GET ${this.#mount.name}/${this.#mount.version === 1 ? '' : 'data/'}${path}`;
  }

  /** @param version a number, as text; undefined for the latest. Undefined comes back for what can be no version. */
  async read(calls: VaultCalls, path: string, version?: string): Promise<KvReading | undefined> {
    return this.#found(calls, version, async (mount) => {
      if (this.#mount.version === 1) return { data: (await calls.kv.v1.read<JsonObject>(path, { mount })).data };
      const options = { mount, ...(version !== undefined && { version: Number(version) }) };
      const { data, metadata } = (await calls.kv.v2.read<JsonObject>(path, options)).data;
      return { data, ...this.#written.stateOf(path, version, metadata) };
    });
  }

  /** The same, each field as it is written. */
  async readFields(calls: VaultCalls, path: string, version?: string): Promise<KvFields | undefined> {
    return this.#found(calls, version, async (mount) => {
      const isFirst = this.#mount.version === 1;
      const place = isFirst ? `${mount}/${path}` : `${mount}/data/${path}`;
      const { body } = await calls.request('GET', place, { raw: true, query: { version } });
      const data = memberOf(body.toString('utf8'), 'data', place);
      if (isFirst) return { fields: jsonMembers(data) ?? noneOfKv(place) };
      const metadata = JSON.parse(memberOf(data, 'metadata', place)) as VaultKvVersionMetadata;
      const fields = jsonMembers(memberOf(data, 'data', place)) ?? noneOfKv(place); // a version without data is answered with 404
      return { fields, ...this.#written.stateOf(path, version, metadata) };
    });
  }

  /** Names below a folder, those of folders with a slash at the end; without a folder, of the mount. */
  async list(calls: VaultCalls, folder: string): Promise<readonly string[]> {
    const isNothing = (keys: readonly string[]): boolean => keys.length === 0;
    return this.#checked(calls, isNothing, async (mount) => {
      const kv = this.#mount.version === 1 ? calls.kv.v1 : calls.kv.v2;
      return (await kv.list(folder, { mount })).data.keys;
    });
  }

  /**
   * Writes over what is there, whatever it is; also where the engine, or the secret, takes no write without `cas`.
   * @param cas the version that must be the latest; 0 for none.
   */
  async overwrite(calls: VaultCalls, path: string, data: JsonObject, cas?: number): Promise<void> {
    await this.#write(calls, path, cas, async () => {
      const text = JSON.stringify(data);
      try {
        await this.#put(calls, path, text, cas);
      } catch (error) {
        if (cas !== undefined || this.#mount.version === 1 || !isVaultError(error) || !error.errors.some(wantsCas))
          throw error;
        await this.#rewrite(calls, path, () => text);
      }
    });
  }

  /**
   * Sets one field; all others stay as they are written.
   * @param raw its value in JSON.
   * @param cas as of `overwrite`.
   */
  async setField(calls: VaultCalls, path: string, name: string, raw: string, cas?: number): Promise<void> {
    await this.#write(calls, path, cas, async () => {
      // A patch leaves the other fields as Vault holds them; but it would mix an object with the one that is there, and takes null for a removal.
      const isPatchable = this.#mount.version === 2 && raw.startsWith('"');
      if (isPatchable && (await this.#patch(calls, path, name, raw, cas))) return;
      await this.#rewrite(calls, path, (before) => withField(before, name, raw), cas);
    });
  }

  /** One after another for each path, when it is known what is at the mount. */
  async #write(calls: VaultCalls, path: string, cas: number | undefined, write: () => Promise<void>): Promise<void> {
    await this.#mount.ask(calls);
    if (cas !== undefined && this.#mount.version === 1) {
      throw new SecretConfigurationError('KV version 1 has no versions, so that `cas` can’t be held against any.', {
        sourceKind: KIND,
      });
    }
    try {
      await this.#writes.inTurn(path, write);
    } catch (error) {
      if (cas === undefined || !isVaultError(error) || !error.errors.some(isOutrun)) throw error;
      throw new SecretConfigurationError(`version ${cas} is not the latest one: nothing was written.`, {
        sourceKind: KIND,
        cause: error,
        advice: 'Read it again before you decide.',
      });
    }
  }

  /** Writes what is made of what is there, with check-and-set: again where somebody else wrote in between. */
  async #rewrite(
    calls: VaultCalls,
    path: string,
    make: (before: readonly JsonMember[]) => string,
    cas?: number,
  ): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const before = await this.#latest(calls, path);
      try {
        return await this.#put(calls, path, make(before.fields), cas ?? Number(before.version ?? 0));
      } catch (error) {
        const outrun = this.#mount.version === 2 && isVaultError(error) && error.status === 400;
        if (!outrun || cas !== undefined || tries === TRIES) throw error;
      }
    }
  }

  /** What is there, deleted or not, so that it can be written over: a version that was deleted is still the latest. */
  async #latest(calls: VaultCalls, path: string): Promise<KvFields> {
    try {
      return (await this.readFields(calls, path)) ?? { fields: [] };
    } catch (error) {
      if (!isVaultError(error) || error.status !== 404 || error.isForeign) throw error;
      const { metadata } = error as VaultInvalidPathError;
      return { fields: [], version: String(metadata?.version ?? 0) };
    }
  }

  /** @param json an object, as text. */
  async #put(calls: VaultCalls, path: string, json: string, cas?: number): Promise<void> {
    const { name } = this.#mount;
    if (this.#mount.version === 1)
      return void (await calls.request('PUT', `${name}/${path}`, { body: json, repeatable: true }));
    const body = `{"data":${json}${cas === undefined ? '' : `,"options":{"cas":${cas}}`}}`;
    this.#written.note(path, await calls.request('POST', `${name}/data/${path}`, { body }));
  }

  /** False where Vault lacks this call, it is not allowed, there is nothing yet, or it would have to name a version. */
  async #patch(calls: VaultCalls, path: string, field: string, raw: string, cas?: number): Promise<boolean> {
    const options = cas === undefined ? '' : `,"options":{"cas":${cas}}`;
    try {
      const body = `{"data":{${JSON.stringify(field)}:${raw}}${options}}`;
      this.#written.note(path, await calls.request('PATCH', `${this.#mount.name}/data/${path}`, { body }));
      return true;
    } catch (error) {
      if (!isVaultError(error)) throw error;
      if ([403, 404, 405, 415].includes(error.status ?? 0) || error.errors.some(wantsCas)) return false;
      throw error;
    }
  }

  async #found<T>(
    calls: VaultCalls,
    version: string | undefined,
    read: (mount: string) => Promise<T>,
  ): Promise<T | undefined> {
    if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version)) return undefined;
    const isForNone = (): boolean => version !== undefined && this.#mount.version === 1; // of these there are no versions
    if (isForNone()) return undefined;
    return this.#checked(
      calls,
      () => false,
      async (mount) => (isForNone() ? undefined : read(mount)),
    );
  }

  /** Nothing there may mean that another version is: then Vault is asked, and asked again by the other one's paths. */
  async #checked<T>(
    calls: VaultCalls,
    isNothing: (found: T) => boolean,
    ask: (mount: string) => Promise<T>,
  ): Promise<T> {
    const { name, version } = this.#mount;
    try {
      const found = await ask(name);
      if (!isNothing(found)) return found;
      await this.#mount.ask(calls);
      return this.#mount.version === version ? found : await ask(name);
    } catch (error) {
      const isNone =
        isVaultError(error) && error.status === 404 && !error.isForeign && !(error as VaultInvalidPathError).metadata;
      if (!isNone) throw error;
      await this.#mount.ask(calls);
      if (this.#mount.version === version) throw error;
      return ask(name);
    }
  }
}

/** The value of a member, as it is written. */
function memberOf(json: string, name: string, path: string): string {
  const member = jsonMembers(json)?.find((candidate) => candidate.name === name);
  return member?.raw ?? noneOfKv(path);
}

function noneOfKv(path: string): never {
  throw new VaultConnectionError(`Vault: GET ${path}: the answer is none of KV's.`, {
    path,
    reason: "the answer is none of KV's.",
  });
}

function withField(before: readonly JsonMember[], name: string, raw: string): string {
  const others = before.filter((field) => field.name !== name);
  return `{${[...others, { name, raw }].map((field) => `${JSON.stringify(field.name)}:${field.raw}`).join(',')}}`;
}

/** The words of a mount or a secret with `cas_required`. */
const wantsCas = (text: string): boolean => text.includes('check-and-set parameter required');

/** The words for a version that is not the latest. */
const isOutrun = (text: string): boolean => text.includes('check-and-set parameter did not match');
