import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import { entryOrError } from '../../core/source/each-entry.js';
import type { Results } from '../../core/source/each-name.js';
import { eachRequest } from '../../core/source/each-name.js';
import type {
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from '../../core/source/secret-source.js';
import type { SourceEvent } from '../../core/source/source-event.js';
import { SourceObservers } from '../../core/source/source-observers.js';
import type { ListedSecret } from './azure-key-vault.answers.js';
import { AzureKeyVaultClient, MOST_AT_ONCE } from './azure-key-vault.client.js';
import { disabled, isDisabled, KIND } from './azure-key-vault.errors.js';
import type { AzureKeyVaultOptions } from './azure-key-vault.options.js';
import { resolveSettings } from './azure-key-vault.settings.js';
import { SecretLives } from './secret-lives.js';
import { VaultNames } from './vault-names.js';
import { isVersion, PREVIOUS, VaultSecrets } from './vault-secrets.js';

interface Wanted {
  readonly secret: string;
  readonly version: string | undefined;
  readonly names: string[];
}

/**
 * The secrets of one Azure Key Vault. A value that holds a JSON object or array is that; other text stays text; one with the tag `file-encoding: base64`
 * is bytes. Versions are Key Vault's own. `exp` makes a value due, and ends nothing, as the service has it: an expired one is told and served.
 */
export class AzureKeyVaultSource implements SecretSource {
  readonly kind = KIND;
  readonly #client: AzureKeyVaultClient;
  readonly #secrets: VaultSecrets;
  readonly #names: VaultNames;
  readonly #lives: SecretLives;
  readonly #json: boolean;
  readonly #observers = new SourceObservers(KIND);

  /** Throws SecretConfigurationError for options, or an environment, that can't be meant. */
  constructor(given: AzureKeyVaultOptions) {
    const settings = resolveSettings(given, this.#observers);
    const { prefix = '', name, json = true, createIfMissing = false } = settings.options;
    this.#client = new AzureKeyVaultClient(settings);
    this.#secrets = new VaultSecrets(this.#client, createIfMissing);
    this.#names = new VaultNames({ origin: settings.base.origin, prefix, map: name });
    this.#lives = new SecretLives(this.#observers, this.#client.place);
    this.#json = json;
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const wanted = new Map<string, Wanted>();
    for (const name of new Set(names)) {
      const place = this.#names.place(name);
      const version = isSecretError(place) ? undefined : (context.version ?? place.version);
      if (isSecretError(place)) results.set(name, place);
      else if (version !== undefined && !isVersion(version)) results.set(name, noVersion(name, version));
      else {
        const key = `${place.secret.toLowerCase()}/${version ?? ''}`;
        const same = wanted.get(key) ?? { secret: place.secret, version, names: [] };
        wanted.set(key, same);
        same.names.push(name);
      }
    }
    const failed = ({ secret, names: asked }: Wanted, error: SecretError): void => {
      for (const name of asked) {
        // What is merely missing is absent from the answer; of a deleted one there is more to say.
        if (error.code === 'SECRET_NOT_FOUND') this.#names.forget(name, { secret, version: undefined });
        if (error.code !== 'SECRET_NOT_FOUND' || this.#secrets.isDeleted(error))
          results.set(name, error.located(at(name)));
      }
    };
    await eachRequest([...wanted.values()], MOST_AT_ONCE, context, (one) => this.#read(one, results, context), failed);
    return results;
  }

  /** All below the prefix: they are read while the rest is listed. A disabled one is an error of its own. */
  async readAll(context: ReadContext): Promise<Results> {
    const all: Results = new Map();
    const readings: Promise<void>[] = [];
    try {
      for await (const page of this.#pages(context)) {
        const readable: string[] = [];
        for (const { name, isEnabled } of page) {
          if (isEnabled) readable.push(name);
          else all.set(name, disabled(`it is listed by ${this.#client.place}.`).located(at(name)));
        }
        const reading = this.read(readable, context).then((found) =>
          found.forEach((entry, name) => all.set(name, entry)),
        );
        reading.catch(() => undefined); // looked at below
        readings.push(reading);
      }
    } finally {
      await Promise.allSettled(readings);
    }
    await Promise.all(readings);
    return all;
  }

  /** Disabled ones too. */
  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const found = new Set<string>();
    for await (const page of this.#pages(context))
      for (const { name } of page) if (name.startsWith(prefix ?? '')) found.add(name);
    return [...found];
  }

  /** True for a disabled one, false for one that was deleted. */
  async exists(name: string, context: ReadContext): Promise<boolean> {
    const place = this.#names.place(name);
    if (isSecretError(place)) {
      if (place.code === 'SECRET_NOT_FOUND') return false;
      throw place;
    }
    try {
      await this.#client.get(place.secret, place.version, context);
      return true;
    } catch (error) {
      if (isDisabled(error)) return true;
      if (!isSecretError(error)) throw error;
      if (error.code !== 'SECRET_NOT_FOUND') throw error.located(at(name));
      this.#names.forget(name, place);
      return false;
    }
  }

  /**
   * A new version, which becomes the current one, with the content type and tags of the one before; without its `exp` and `nbf`, for those were its own. Bytes
   * are written in Base64 with the tag that says so. Rejects with SecretNotFoundError where there is no such secret and none is to be
   * created, and with SecretSourceReadOnlyError for one of a certificate.
   */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    const place = this.#names.place(name);
    if (isSecretError(place)) throw place;
    if (place.version !== undefined) {
      throw new SecretConfigurationError('the address names a version, and versions don’t change.', at(name));
    }
    try {
      await this.#secrets.write(place.secret, value, context);
    } catch (error) {
      throw isSecretError(error) ? error.located(at(name)) : error;
    }
  }

  newNameRefusal(name: string): SecretError | undefined {
    const place = this.#names.place(name);
    return isSecretError(place) ? place : undefined;
  }

  /** There are no stages: the one before is looked for among all versions. */
  previousVersion(version: string): string | undefined {
    return isVersion(version) && version !== PREVIOUS ? PREVIOUS : undefined;
  }

  canonicalName(name: string): string {
    return this.#names.canonical(name);
  }

  /** The name of a secret at the vault, or its address, as events of Event Grid have them. */
  namesOf(announced: string): readonly string[] {
    return this.#names.namesOf(announced);
  }

  describe(name: string): readonly SecretPlace[] {
    const place = name === '' ? undefined : this.#names.place(name);
    return [{ source: KIND, name: place && !isSecretError(place) ? place.secret : name, at: this.#client.place }];
  }

  /** Says what `allowInsecure` permits, and which secrets have expired. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#observers.observe(listener);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #read({ secret, version, names }: Wanted, results: Results, context: ReadContext): Promise<void> {
    const bundle = await this.#secrets.read(secret, version, context);
    const { properties } = bundle;
    if (version === undefined) this.#lives.look(bundle);
    const options = {
      version: bundle.version,
      createdAt: properties.created > 0 ? new Date(properties.created) : undefined,
      expiresAt: properties.expires === undefined ? undefined : new Date(properties.expires),
    };
    for (const name of names) {
      const entry = entryOrError(name, () => SecretVersion.of(bundle.value(this.#json), options));
      results.set(name, entry);
      if (!isSecretError(entry)) context.deliver?.(new Map([[name, entry]]));
    }
  }

  /** Those that a name of ours leads to, by that name. */
  async *#pages(context: ReadContext): AsyncGenerator<readonly ListedSecret[]> {
    for await (const page of this.#client.listPages(context)) {
      yield page.flatMap((listed) => {
        const name = this.#names.nameOf(listed.name);
        return name === undefined ? [] : [{ ...listed, name }];
      });
    }
  }

  static {
    hideInOutput(AzureKeyVaultSource.prototype, () => `[secrets ${KIND}]`);
  }
}

const at = (secretName: string): { secretName: string; sourceKind: string } => ({ secretName, sourceKind: KIND });

const noVersion = (name: string, version: string): SecretError =>
  new SecretConfigurationError(
    `its versions are 32 hexadecimal digits, or "${PREVIOUS}": there is no "${version}".`,
    at(name),
  );
