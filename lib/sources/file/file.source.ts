import { basename, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { anyRules, mayExist, usableNames } from '../../core/secret/secret-name.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import { entryOrError } from '../../core/source/each-entry.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import type { ReadContext, SecretPlace, SecretSource, Unsubscribe } from '../../core/source/secret-source.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { LastReading, WatchedFileOptions, WatchSettings } from '../watch/index.js';
import {
  brokenFile,
  decodeUtf8,
  errorCode,
  fileFault,
  readWholeFile,
  symlinkChain,
  stateOf,
  WATCHED_FILE_OPTIONS,
  watchedFileSettings,
  WatchGroup,
} from '../watch/index.js';
import { parseEnvFile } from './env-file.parser.js';
import type { FileParser } from './file.content.js';
import { parseJsonFile } from './json-file.parser.js';

type Results = ReadonlyMap<string, SecretVersion | SecretError>;

/** The state of a file that is absent, and may be. */
const ABSENT = 'absent';

/** The secrets of one `.json` or `.env` file, read whole at each reading, and watched. It is never written. */
export class FileSource implements SecretSource {
  readonly kind = 'file';
  /** Whether the file may be absent. */
  readonly optional: boolean;
  readonly #path: string;
  readonly #parse: FileParser;
  readonly #maxBytes: number;
  readonly #json: boolean;
  readonly #watches: WatchGroup;
  #last: LastReading = { versions: new Map(), complete: false };

  constructor(path: string, given?: WatchedFileOptions, watching?: Partial<WatchSettings>) {
    this.#parse = parserFor(path);
    this.#path = resolve(path);
    const options = ownOptions(given, WATCHED_FILE_OPTIONS, 'fileSource', { details: { sourceKind: this.kind } });
    const settings = watchedFileSettings(options, watching);
    this.#maxBytes = settings.maxBytes;
    this.optional = settings.optional;
    this.#json = settings.json;
    this.#watches = new WatchGroup(
      {
        entries: () => symlinkChain(this.#path),
        state: () => this.#state(),
        versions: async () => versionsOf(await this.#load()),
      },
      settings.watching,
    );
  }

  /**
   * Rejects with SecretSourceUnavailableError while the file is missing (unless it is optional) or broken, with
   * SecretAccessDeniedError where it may not be read.
   */
  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const all = await this.#read(context);
    const found = new Map<string, SecretVersion | SecretError>();
    for (const name of usableNames(names, anyRules, found, { sourceKind: this.kind })) {
      const secret = all.get(name);
      if (!secret) continue;
      if (isSecretError(secret) || isAskedFor(name, secret, context)) found.set(name, secret);
    }
    return found;
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: this.kind, name, at: this.#path }];
  }

  readAll(context: ReadContext): Promise<Results> {
    return this.#read(context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return mayExist(name, anyRules, { sourceKind: this.kind }) && (await this.#read(context)).has(name);
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

  async #load(signal?: AbortSignal): Promise<Results> {
    try {
      const bytes = await readWholeFile(this.#path, { maxBytes: this.#maxBytes, signal });
      return this.#versions(bytes);
    } catch (error) {
      signal?.throwIfAborted();
      if (this.#mayMiss(error)) return new Map();
      throw isSecretError(error) ? error : fileFault(this.#path, error);
    }
  }

  #versions(bytes: Uint8Array): Results {
    // Windows editors put a byte order mark before the text.
    const text = decodeUtf8(bytes)?.replace(/^\uFEFF/, '');
    const content = text === undefined ? { fault: 'is no UTF-8 text' } : this.#parse(text);
    if ('fault' in content) throw brokenFile(this.#path, content.fault);
    const valueOf = this.#json ? withJsonParsed<SecretValue> : (value: SecretValue): SecretValue => value;
    return new Map(
      [...content].map(([name, value]) => [name, entryOrError(name, () => SecretVersion.of(valueOf(value)))]),
    );
  }

  async #state(): Promise<string> {
    try {
      return stateOf(await stat(this.#path, { bigint: true }));
    } catch (error) {
      if (this.#mayMiss(error)) return ABSENT;
      throw error;
    }
  }

  #mayMiss(error: unknown): boolean {
    return this.optional && errorCode(error) === 'ENOENT';
  }

  static {
    hideInOutput(FileSource.prototype, () => '[secrets file]');
  }
}

/** Of those with a value: one that becomes unreadable, or readable, has changed. */
const versionsOf = (secrets: Results): Map<string, string> =>
  new Map([...secrets].flatMap(([name, secret]) => (isSecretError(secret) ? [] : [[name, secret.version]])));

function parserFor(path: unknown): FileParser {
  const name = typeof path === 'string' ? basename(path) : '';
  if (name.endsWith('.json')) return parseJsonFile;
  if (name.endsWith('.env') || name.startsWith('.env.')) return parseEnvFile;
  throw new SecretConfigurationError(
    'fileSource takes the path of a `.json` or `.env` file (`.env.local` and the like too); for a folder with a file a secret there is `directorySource`.',
  );
}
