import { stat } from 'node:fs/promises';
import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { anyRules, mayExist, usableNames } from '../../core/secret/secret-name.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import { entryOrError } from '../../core/source/each-entry.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import type { ReadContext, Unsubscribe } from '../../core/source/secret-source.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { FileSecretsReader, LastReading, WatchedEntries } from '../watch/index.js';
import {
  brokenFile,
  decodeUtf8,
  errorCode,
  fileFault,
  joinedChains,
  readWholeFile,
  symlinkChain,
  stateOf,
  versionsOf,
  WatchGroup,
} from '../watch/index.js';
import { parseEnvFile } from './env-file.parser.js';
import type { FileParser } from './file.content.js';
import type { FileFormat, FileSettings, SecretFile } from './file.options.js';
import { FILE } from './file.options.js';
import { parseJsonFile } from './json-file.parser.js';

type Results = ReadonlyMap<string, SecretVersion | SecretError>;

/** The state of a file that is absent, and may be. */
const ABSENT = 'absent';

const PARSERS: Readonly<Record<FileFormat, () => FileParser | Promise<FileParser>>> = {
  json: () => parseJsonFile,
  env: () => parseEnvFile,
  yaml: () => import('./yaml-file.parser.js').then(({ yamlFileParser }) => yamlFileParser()),
};

/** The secrets of one file, or of several, read whole at each reading, and watched. They are never written. */
export class FileSecrets implements FileSecretsReader {
  readonly #settings: FileSettings;
  readonly #watches: WatchGroup;
  #last: LastReading = { versions: new Map(), complete: false };

  constructor(settings: FileSettings) {
    this.#settings = settings;
    this.#watches = new WatchGroup(
      {
        entries: () => this.#entries(),
        state: () => this.#state(),
        versions: async () => versionsOf(await this.#load()),
      },
      settings.watching,
    );
  }

  /**
   * Rejects with SecretSourceUnavailableError while a file is missing (unless they are optional) or broken, with
   * SecretAccessDeniedError where it may not be read.
   */
  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const all = await this.#read(context);
    const found = new Map<string, SecretVersion | SecretError>();
    for (const name of usableNames(names, anyRules, found, { sourceKind: FILE })) {
      const secret = all.get(name);
      if (!secret) continue;
      if (isSecretError(secret) || isAskedFor(name, secret, context)) found.set(name, secret);
    }
    return found;
  }

  readAll(context: ReadContext): Promise<Results> {
    return this.#read(context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return mayExist(name, anyRules, { sourceKind: FILE }) && (await this.#read(context)).has(name);
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return [...(await this.#read(context)).keys()].filter((name) => name.startsWith(prefix ?? ''));
  }

  /** Tells the names whose values have changed; of a file that is missing or broken nothing, until it is whole again. */
  watch(onChange: ChangeListener): Unsubscribe {
    return this.#watches.subscribe(this.#last, onChange);
  }

  close(): Promise<void> {
    this.#watches.stop();
    return Promise.resolve();
  }

  async #read({ signal }: ReadContext): Promise<Results> {
    signal.throwIfAborted();
    const all = await unlessAborted(this.#load(signal), signal);
    this.#last = { versions: versionsOf(all), complete: true };
    this.#watches.onRead(this.#last.versions);
    return all;
  }

  /** From the last to the first, so that the first counts. What is wrong with one file is wrong with all: else it would let a value of the next one through. */
  async #load(signal?: AbortSignal): Promise<Results> {
    const merged = new Map<string, SecretVersion | SecretError>();
    for (const file of [...this.#settings.files].reverse()) {
      for (const [name, secret] of await this.#loadFile(file, signal)) merged.set(name, secret);
    }
    return merged;
  }

  async #loadFile(file: SecretFile, signal: AbortSignal | undefined): Promise<Results> {
    const { maxBytes } = this.#settings;
    try {
      const bytes = await readWholeFile(file.path, { maxBytes, signal });
      return this.#versions(file, bytes, await PARSERS[file.format]());
    } catch (error) {
      signal?.throwIfAborted();
      if (this.#mayMiss(error)) return new Map();
      throw isSecretError(error) ? error : fileFault(file.path, error);
    }
  }

  #versions({ path }: SecretFile, bytes: Uint8Array, parse: FileParser): Results {
    // Windows editors put a byte order mark before the text.
    const text = decodeUtf8(bytes)?.replace(/^\uFEFF/, '');
    const content = text === undefined ? { fault: 'is not UTF-8 text' } : parse(text);
    if ('fault' in content) throw brokenFile(path, content.fault);
    const valueOf = this.#settings.json ? withJsonParsed<SecretValue> : (value: SecretValue): SecretValue => value;
    return new Map(
      [...content].map(([name, value]) => [
        name,
        isSecretError(value) ? value : entryOrError(name, () => SecretVersion.of(valueOf(value))),
      ]),
    );
  }

  async #entries(): Promise<WatchedEntries> {
    const { files } = this.#settings;
    return joinedChains(await Promise.all(files.map(({ path }) => symlinkChain(path))));
  }

  async #state(): Promise<string> {
    return (await Promise.all(this.#settings.files.map(({ path }) => this.#stateOf(path)))).join('\n');
  }

  async #stateOf(path: string): Promise<string> {
    try {
      return stateOf(await stat(path, { bigint: true }));
    } catch (error) {
      if (this.#mayMiss(error)) return ABSENT;
      throw error;
    }
  }

  #mayMiss(error: unknown): boolean {
    return this.#settings.optional && errorCode(error) === 'ENOENT';
  }

  static {
    hideInOutput(FileSecrets.prototype, () => '[secrets file]');
  }
}
