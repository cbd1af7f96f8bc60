import { SecretValidationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { SecretVersionOptions } from '../../../core/secret/secret-version.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import type { VaultCalls } from '../client/index.js';
import { KIND } from '../errors/vault.source.errors.js';

/** Makes a value of what Vault answered, so that field paths may stay as they were elsewhere. */
export interface MapOption {
  /** @param data of Vault’s answer. Gives text, bytes, or an object or array of JSON. */
  readonly map?: ((data: never) => unknown) | undefined;
}

export interface OpenedData extends SecretVersionOptions {
  readonly data: object;
}

export interface OpenContext {
  /** Milliseconds since 1970, by our own clock, when the reading began. */
  readonly now: number;
  /** The same by Vault's, as its latest answer tells: for times that the data hold. By ours before the first answer, and where none tells. */
  readonly vaultNow: () => number;
  /** The one that is asked for; undefined for the current one. */
  readonly version?: string | undefined;
}

/** What an engine of one's own says of itself. */
export interface VaultSecretShape extends MapOption {
  /** For errors: what is done there, e.g. `opening`, and where, e.g. `database/creds/app`. */
  readonly verb: string;
  readonly place: string;
  /** The request that it makes there. @default `GET` and the place */
  readonly asked?: (() => string) | undefined;
  /**
   * `issues`: reading makes new credentials. `may issue`: nobody can tell before. `stays`: reading changes nothing, so that it is read along with
   * all others.
   */
  readonly reading: 'issues' | 'may issue' | 'stays';
  /** Undefined where there is no such version. */
  readonly open: (calls: VaultCalls, context: OpenContext) => Promise<OpenedData | undefined>;
}

/** Where a name of `secrets` leads. `VaultSecret.of` makes one for an engine of one's own; the others are made by `databaseCredentials`, `staticDatabaseCredentials`, `awsCredentials`, `pkiCertificate`, `kv` and `read`. */
export class VaultSecret {
  readonly #shape: VaultSecretShape;

  private constructor(shape: VaultSecretShape) {
    this.#shape = shape;
  }

  static of(shape: VaultSecretShape): VaultSecret {
    return new VaultSecret(shape);
  }

  /** E.g. `opening database/creds/app`. */
  get operation(): string {
    return `${this.#shape.verb} ${this.#shape.place}`;
  }

  /** Where its name leads. */
  get place(): string {
    return this.#shape.place;
  }

  get asked(): string {
    return this.#shape.asked?.() ?? `GET ${this.#shape.place}`;
  }

  get mayIssue(): boolean {
    return this.#shape.reading !== 'stays';
  }

  /** Rejects with a VaultError, or with SecretValidationError where `map` fails, or gives what is not a secret. */
  async open(calls: VaultCalls, context: OpenContext): Promise<SecretVersion | undefined> {
    const opened = await this.#shape.open(calls, context);
    if (!opened) return undefined;
    const { data, ...options } = opened;
    const { map } = this.#shape;
    if (!map) return SecretVersion.of(data, options);
    try {
      return SecretVersion.of(map(data as never) as object, options);
    } catch (cause) {
      // No matter of configuration: credentials may have been issued, so that this is not tried again at once.
      const advice = 'It has to give text, bytes, or an object or array of JSON.';
      throw new SecretValidationError('its `map` fails.', { sourceKind: KIND, cause, advice });
    }
  }

  static {
    hideInOutput(VaultSecret.prototype, (self) => `[vault secret: ${self.operation}]`);
  }
}
