import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { dateOf } from '../client/foreign-numbers.js';
import type { VaultKvVersionMetadata, VaultResponse } from '../client/index.js';
import { KIND } from '../errors/vault.source.errors.js';

export interface KvState {
  /** Only of version 2. */
  readonly version?: string | undefined;
  readonly createdAt?: Date | undefined;
}

/** What was written from here, by path, until it was read: no older answer is taken. */
export class WrittenVersions {
  readonly #written = new Map<string, { readonly version: number; readonly createdAt: Date }>();

  /** @param data of the answer to a write. */
  note(path: string, { data }: VaultResponse<Readonly<Record<string, unknown>>>): void {
    const { version, created_time: time } = data;
    const createdAt = dateOf(time);
    if (createdAt && typeof version === 'number') this.#written.set(path, { version, createdAt });
  }

  /**
   * What an answer shows as its state.
   * @param asked a version that was asked for; undefined for the latest.
   * @throws SecretSourceUnavailableError where it is older than what was written: a standby that lags behind gave it.
   */
  stateOf(path: string, asked: string | undefined, metadata: VaultKvVersionMetadata): KvState {
    const createdAt = dateOf(metadata.created_time);
    const written = asked === undefined ? this.#written.get(path) : undefined;
    // A secret that was removed with all its versions begins at 1 again: then it is younger.
    if (written && createdAt && metadata.version < written.version && createdAt <= written.createdAt) {
      throw new SecretSourceUnavailableError(
        `Vault gave version ${metadata.version} after version ${written.version} was written: a standby lags behind.`,
        { sourceKind: KIND, advice: 'Another reading heals it.' },
      );
    }
    if (written) this.#written.delete(path);
    return { version: String(metadata.version), createdAt };
  }
}
