import { basename, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource, Unsubscribe } from '../../core/source/secret-source.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { LastReading, WatchedFileOptions, WatchSettings } from '../watch/index.js';
import {
  brokenFile,
  decodeUtf8,
  fileFault,
  readWholeFile,
  symlinkChain,
  stateOf,
  watchedFileSettings,
  WatchGroup,
} from '../watch/index.js';
import { parseEnvFile } from './env-file.parser.js';
import type { FileParser } from './file.content.js';
import { parseJsonFile } from './json-file.parser.js';

type Versions = ReadonlyMap<string, SecretVersion>;

/** The secrets of one `.json` or `.env` file, read whole at each reading, and watched. It is never written. */
export class FileSource implements SecretSource {
  readonly kind = 'file';
  readonly #path: string;
  readonly #parse: FileParser;
  readonly #maxBytes: number;
  readonly #watches: WatchGroup;
  #last: LastReading = { versions: new Map(), complete: false };

  constructor(path: string, options: WatchedFileOptions = {}, watching?: Partial<WatchSettings>) {
    this.#parse = parserFor(path);
    this.#path = resolve(path);
    const settings = watchedFileSettings(options, watching);
    this.#maxBytes = settings.maxBytes;
    this.#watches = new WatchGroup(
      {
        attention: () => symlinkChain(this.#path),
        state: async () => stateOf(await stat(this.#path, { bigint: true })),
        versions: async () => versionsOf(await this.#load()),
      },
      settings.watching,
    );
  }

  /** Rejects with SecretSourceUnavailableError while the file is missing or broken, with SecretAccessDeniedError where it may not be read. */
  async read(names: readonly string[], context: ReadContext): Promise<Versions> {
    const all = await this.#read(context);
    const found = new Map<string, SecretVersion>();
    for (const name of names) {
      const secret = all.get(name);
      if (secret && (context.version ?? secret.version) === secret.version) found.set(name, secret);
    }
    return found;
  }

  readAll(context: ReadContext): Promise<Versions> {
    return this.#read(context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return (await this.#read(context)).has(name);
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return [...(await this.#read(context)).keys()].filter((name) => name.startsWith(prefix ?? ''));
  }

  /** Tells the names whose values have changed; of a file that is missing or broken nothing, until it is whole again. */
  watch(onChange: (names: readonly string[]) => void): Unsubscribe {
    return this.#watches.subscribe(this.#last, onChange);
  }

  close(): Promise<void> {
    this.#watches.stop();
    return Promise.resolve();
  }

  async #read({ signal }: ReadContext): Promise<Versions> {
    signal.throwIfAborted();
    const all = await unlessAborted(this.#load(signal), signal);
    this.#last = { versions: versionsOf(all), complete: true };
    return all;
  }

  async #load(signal?: AbortSignal): Promise<Versions> {
    try {
      const bytes = await readWholeFile(this.#path, { maxBytes: this.#maxBytes, signal });
      return this.#versions(bytes);
    } catch (error) {
      signal?.throwIfAborted();
      throw isSecretError(error) ? error : fileFault(this.#path, error);
    }
  }

  #versions(bytes: Uint8Array): Versions {
    // Windows editors put a byte order mark before the text.
    const text = decodeUtf8(bytes)?.replace(/^\uFEFF/, '');
    const content = text === undefined ? { fault: 'is no UTF-8 text' } : this.#parse(text);
    if ('fault' in content) throw brokenFile(this.#path, content.fault);
    return new Map([...content].map(([name, value]) => [name, SecretVersion.of(value)]));
  }

  static {
    hideInOutput(FileSource.prototype, () => '[secrets file]');
  }
}

const versionsOf = (secrets: Versions): Map<string, string> =>
  new Map([...secrets].map(([name, { version }]) => [name, version]));

function parserFor(path: unknown): FileParser {
  const name = typeof path === 'string' ? basename(path) : '';
  if (name.endsWith('.json')) return parseJsonFile;
  if (name.endsWith('.env') || name.startsWith('.env.')) return parseEnvFile;
  throw new SecretConfigurationError(
    'fileSource takes the path of a `.json` or `.env` file (`.env.local` and the like too); for a folder with a file a secret there is `directorySource`.',
  );
}
