import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError, SecretSourceReadOnlyError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { withJsonParsed } from '../../../core/secret/json.js';
import { numberBefore } from '../../../core/secret/numbered-versions.js';
import { checkName, mayExist, nameRefusal, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';
import type { Results } from '../../../core/source/each-name.js';
import { eachName } from '../../../core/source/each-name.js';
import type {
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from '../../../core/source/secret-source.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { SourceObservers } from '../../../core/source/source-observers.js';
import { decodeUtf8 } from '../../watch/index.js';
import type { AccessedVersion } from './google-secret-manager.answers.js';
import { GoogleSecretManagerClient, MOST_AT_ONCE } from './google-secret-manager.client.js';
import { isInNoState, isMissing, KIND } from './google-secret-manager.errors.js';
import { ID_RULES, isBeginning, isVersion, resourceName } from './google-secret-manager.names.js';
import type { GoogleSecretManagerOptions } from './google-secret-manager.options.js';
import type { TestHooks } from './google-secret-manager.settings.js';
import { resolveSettings } from './google-secret-manager.settings.js';
import { HighestVersions } from './highest.versions.js';

/** Bytes: what the service takes. */
const LARGEST = 64 * 1024;
const LATEST = 'latest';

/**
 * The secrets of a project in Google Secret Manager. Text that holds a JSON object or array is that, other text stays text, and what is not UTF-8 is
 * bytes. Versions are numbers; one that was read or written here is not followed by an older one that `latest` still means elsewhere.
 */
export class GoogleSecretManagerSource implements SecretSource {
  readonly kind = KIND;
  /** Whether a prefix bounds what there is. */
  readonly isBounded: boolean;
  /** Where a prefix bounds what there is: a whole project is never read. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly #client: GoogleSecretManagerClient;
  readonly #observers = new SourceObservers(KIND);
  readonly #highest = new HighestVersions();
  readonly #prefix: string;
  readonly #version: string;
  readonly #location: string | undefined;
  readonly #json: boolean;

  /** Throws SecretConfigurationError for options that can't be meant. */
  constructor(options?: GoogleSecretManagerOptions, hooks: TestHooks = {}) {
    const settings = resolveSettings(options, hooks);
    this.#client = new GoogleSecretManagerClient(settings, this.#observers.warn);
    this.#prefix = settings.prefix;
    this.#version = settings.version;
    this.#location = settings.location;
    this.#json = settings.json;
    this.isBounded = settings.prefix !== '';
    if (this.isBounded) this.readAll = (context) => this.#readAll(context);
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const { version = this.#version } = context;
    const usable = usableNames(names, ID_RULES, results, { sourceKind: KIND }, (name) => this.#checked(name));
    await eachName(usable, MOST_AT_ONCE, results, context, async (name) => {
      if (!isVersion(version)) return noVersion(name, version);
      const { version: number, data } = await this.#accessed(this.#prefix + name, version, context);
      return entryOrError(name, () => SecretVersion.of(this.#valueOf(data), { version: number }));
    });
    return results;
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const names = new Set<string>();
    for await (const page of this.#pages(prefix ?? '', context)) for (const name of page) names.add(name);
    return [...names];
  }

  /** With only the right to read it: a version that is disabled or destroyed is there too. */
  async exists(name: string, context: ReadContext): Promise<boolean> {
    if (!mayExist(name, ID_RULES, { sourceKind: KIND }, this.#checked(name))) return false;
    try {
      await this.#accessed(this.#prefix + name, this.#version, context);
      return true;
    } catch (error) {
      if (isInNoState(error)) return true;
      if (isMissing(error)) return false;
      throw located(error, name);
    }
  }

  /**
   * Adds a version, which becomes the latest one. Text and bytes are stored as they are, objects as JSON.
   * Rejects with SecretNotFoundError where there is no such secret and none is to be created, SecretSourceReadOnlyError where another version than `latest` is the current one, and
   * SecretConfigurationError for a value of more than 64 KiB.
   */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    checkName(name, ID_RULES, { sourceKind: KIND }, this.#checked(name));
    if (this.#version !== LATEST) {
      const reason = `this source reads version "${this.#version}", which a new one would not be.`;
      throw new SecretSourceReadOnlyError(reason, at(name, 'Add the version with gcloud, and move the alias to it.'));
    }
    const data = bytesOf(value);
    if (data.length > LARGEST) {
      const reason = `its value has ${data.length} bytes, and Secret Manager takes ${LARGEST}.`;
      throw new SecretConfigurationError(reason, at(name, 'Store a key that encrypts it, and the rest elsewhere.'));
    }
    try {
      const id = this.#prefix + name;
      this.#highest.note(id, await this.#added(id, data, context));
    } catch (error) {
      throw located(error, name);
    }
  }

  newNameRefusal(name: string): SecretError | undefined {
    return nameRefusal(name, ID_RULES, { sourceKind: KIND }, this.#checked(name));
  }

  previousVersion(version: string): string | undefined {
    return this.#version === LATEST ? numberBefore(version) : undefined;
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: KIND, name: this.#prefix + name, at: this.#client.place }];
  }

  /** The name of a secret, or of a version, in an event of Secret Manager's (`projects/…/secrets/NAME`), or a bare name. */
  namesOf(announced: string): readonly string[] {
    const { secret, location } = resourceName(announced) ?? { secret: announced, location: this.#location };
    if (location !== this.#location || !secret.startsWith(this.#prefix)) return [];
    const name = secret.slice(this.#prefix.length);
    return name === '' ? [] : [name];
  }

  /** Says at once what `allowInsecure` permits. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#observers.observe(listener);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** All below the prefix: read while the rest is listed. */
  async #readAll(context: ReadContext): Promise<Results> {
    const all: Results = new Map();
    const readings: Promise<unknown>[] = [];
    try {
      for await (const names of this.#pages('', context)) {
        const reading = this.read(names, context).then((found) => found.forEach((entry, name) => all.set(name, entry)));
        reading.catch(() => undefined); // looked at below
        readings.push(reading);
      }
    } finally {
      await Promise.allSettled(readings);
    }
    await Promise.all(readings);
    return all;
  }

  async *#pages(prefix: string, context: ReadContext): AsyncGenerator<readonly string[]> {
    const beginning = this.#prefix + prefix;
    if (!isBeginning(beginning)) return; // no name begins with it
    for await (const ids of this.#client.names(beginning, context)) {
      // Only the prefix is not a name.
      yield ids.map((id) => id.slice(this.#prefix.length)).filter((name) => name !== '');
    }
  }

  async #added(id: string, data: Uint8Array, context: WriteContext): Promise<string> {
    try {
      return await this.#client.addVersion(id, data, context);
    } catch (error) {
      if (!context.create || !isMissing(error)) throw error;
      await this.#client.create(id, context);
      return this.#client.addVersion(id, data, context);
    }
  }

  /** What `latest` means elsewhere may be older than what is known here, or not there yet: by its number a version can be read at once. */
  async #accessed(id: string, version: string, context: ReadContext): Promise<AccessedVersion> {
    if (version !== LATEST) return this.#client.access(id, version, context);
    const latest = await this.#latest(id, context);
    const known = this.#highest.of(id);
    if (!isSecretError(latest) && (known === undefined || !this.#highest.isBehind(id, latest.version))) {
      this.#highest.note(id, latest.version);
      return latest;
    }
    if (known === undefined) throw latest as SecretError;
    try {
      return await this.#client.access(id, known, context);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#highest.forget(id); // removed, and perhaps made again
      if (isSecretError(latest)) throw latest;
      this.#highest.note(id, latest.version);
      return latest;
    }
  }

  async #latest(id: string, context: ReadContext): Promise<AccessedVersion | SecretError> {
    try {
      return await this.#client.access(id, LATEST, context);
    } catch (error) {
      if (isMissing(error) || isInNoState(error)) return error as SecretError;
      throw error;
    }
  }

  #valueOf(data: Buffer): SecretValue {
    const text = decodeUtf8(data);
    if (text === undefined) return data;
    return this.#json ? withJsonParsed(text) : text;
  }

  /** Only the prefix is not a name. */
  #checked(name: string): string {
    return name === '' ? '' : this.#prefix + name;
  }

  static {
    hideInOutput(GoogleSecretManagerSource.prototype, () => `[secrets ${KIND}]`);
  }
}

const bytesOf = (value: SecretValue): Uint8Array =>
  isBytes(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const at = (secretName: string, advice: string): object => ({ secretName, sourceKind: KIND, advice });

const located = (error: unknown, secretName: string): unknown =>
  isSecretError(error) ? error.located({ secretName, sourceKind: KIND }) : error;

const noVersion = (secretName: string, version: string): SecretError =>
  new SecretConfigurationError(`there can be no version ${JSON.stringify(version)} of it.`, {
    secretName,
    sourceKind: KIND,
    advice: 'Versions are numbers, aliases and "latest".',
  });
