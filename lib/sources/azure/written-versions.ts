import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretBundle } from './azure-key-vault.answers.js';

interface Written {
  readonly version: string;
  readonly created: number;
  /** The version that was replaced; of the same second, perhaps. */
  readonly before: string | undefined;
  /** On the monotonic clock. */
  readonly at: number;
}

/** Milliseconds: no replica lags behind for so long. The vault's machines need not agree on the second, so that a version that others set may look older than ours. */
const LONGEST_LAG = 10 * 60_000;

/** What this source wrote: an answer that is older undoes none of it. */
export class WrittenVersions {
  readonly #written = new Map<string, Written>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  note(written: SecretBundle, before: SecretBundle | undefined): void {
    const { name, version, properties } = written;
    const [{ created }, at] = [properties, this.now()];
    this.#written.set(name.toLowerCase(), { version, created, before: before?.version, at });
  }

  /** The current version that was answered; where it is older than what was written, that one, which `read` gets by its own name. */
  async newest(answered: SecretBundle, read: (version: string) => Promise<SecretBundle>): Promise<SecretBundle> {
    const key = answered.name.toLowerCase();
    const written = this.#written.get(key);
    if (!written || written.version === answered.version) return answered;
    if (this.now() - written.at > LONGEST_LAG) {
      this.#written.delete(key);
      return answered;
    }
    const { created } = answered.properties;
    if (created >= written.created && answered.version !== written.before) {
      this.#written.set(key, { version: answered.version, created, before: written.version, at: written.at }); // somebody wrote after us
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
