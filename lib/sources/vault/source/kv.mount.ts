import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { VaultCalls } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { KIND } from '../errors/vault.source.errors.js';

export type KvVersion = 1 | 2;

/** What Vault lists of the mount of a path. */
interface ListedMount {
  readonly type?: string;
  readonly options?: Readonly<Record<string, string>> | null;
}

/**
 * Which version of KV is at a mount. It is taken for the given one, without it for the second, until something speaks against it, for a mount of the first
 * answers that there is nothing at a path of the second: then, and before anything is written, Vault is asked, once.
 */
export class KvMount {
  readonly name: string;
  readonly #given: KvVersion | undefined;
  #version: KvVersion;
  /** The question, as long as it is not answered otherwise than by a failure that a moment may heal. */
  #asking: Promise<void> | undefined;

  constructor(name: string, version?: KvVersion) {
    this.name = name.replace(/^\/+|\/+$/g, '');
    this.#given = version;
    this.#version = version ?? 2;
  }

  /** As it is known now. */
  get version(): KvVersion {
    return this.#version;
  }

  /** Rejects with SecretConfigurationError where Vault says another version than the given one, and with a VaultError where it can't say just now. */
  ask(calls: VaultCalls): Promise<void> {
    return (this.#asking ??= this.#ask(calls).catch((error: unknown) => {
      this.#asking = undefined;
      throw error;
    }));
  }

  async #ask(calls: VaultCalls): Promise<void> {
    const found = await this.#versionAt(calls);
    if (found === undefined) return;
    if (this.#given !== undefined && this.#given !== found) {
      throw new SecretConfigurationError(
        `the KV engine at "${this.name}" is of version ${found}, and not ${this.#given}.`,
        {
          sourceKind: KIND,
          advice: 'Correct `version`, or leave it out: then Vault is asked for it.',
        },
      );
    }
    this.#version = found;
  }

  /** Undefined where the token may not see it, or it is none of KV: then calls say what is wrong. */
  async #versionAt(calls: VaultCalls): Promise<KvVersion | undefined> {
    try {
      const { data } = await calls.read<ListedMount>(`sys/internal/ui/mounts/${this.name}`);
      if (data?.type === 'cubbyhole') throw notKept(this.name);
      if (data?.type !== 'kv' && data?.type !== 'generic') return undefined;
      return data.options?.['version'] === '2' ? 2 : 1;
    } catch (error) {
      const status = isVaultError(error) && !error.isForeign ? error.status : undefined;
      if (status === 403 || status === 404 || status === 400) return undefined;
      throw error;
    }
  }
}

/** It takes whatever is written to it, at any path, and loses it with the token. */
const notKept = (mount: string): SecretConfigurationError =>
  new SecretConfigurationError(`at "${mount}" is the cubbyhole of the token, and not a KV engine.`, {
    sourceKind: KIND,
    advice: 'Check `kv.mount`.',
  });
