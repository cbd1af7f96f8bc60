import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretBundle } from './azure-key-vault.answers.js';

interface Written {
  readonly version: string;
  readonly created: number;
  /** The version that was replaced; of the same second, perhaps. */
  readonly before: string | undefined;
}

/** What this source wrote: an answer that is older undoes none of it. */
export class WrittenVersions {
  readonly #written = new Map<string, Written>();

  note(written: SecretBundle, before: SecretBundle | undefined): void {
    const { name, version, properties } = written;
    this.#written.set(name.toLowerCase(), { version, created: properties.created, before: before?.version });
  }

  /** The current version that was answered; where it is older than what was written, that one, which `read` gets by its own name. */
  async newest(answered: SecretBundle, read: (version: string) => Promise<SecretBundle>): Promise<SecretBundle> {
    const key = answered.name.toLowerCase();
    const written = this.#written.get(key);
    if (!written || written.version === answered.version) return answered;
    const { created } = answered.properties;
    if (created >= written.created && answered.version !== written.before) {
      this.#written.set(key, { version: answered.version, created, before: written.version }); // somebody wrote after us
      return answered;
    }
    try {
      return await read(written.version);
    } catch (error) {
      if (!isSecretError(error) || error.code !== 'SECRET_NOT_FOUND') throw error;
      this.#written.delete(key); // purged, and restored from a backup, perhaps: it is no version any more
      return answered;
    }
  }

  static {
    hideInOutput(WrittenVersions.prototype, () => '[versions]');
  }
}
