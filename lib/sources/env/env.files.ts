import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import { entryOrError } from '../../core/source/each-entry.js';
import type { Unsubscribe } from '../../core/source/secret-source.js';
import type { GivenWatchSettings } from '../watch/path-watcher.js';
import type { WatchedEntries } from '../watch/index.js';
import {
  fileFault,
  joinedChains,
  readWholeFile,
  stateOf,
  symlinkChain,
  textOfFile,
  versionsOf,
  WatchGroup,
} from '../watch/index.js';
import { DEFAULT_INTERVAL, DEFAULT_MAX_BYTES } from '../watch/watch.options.js';
import { ENV } from './env.options.js';

export interface EnvFilesOptions {
  /** The file that a variable names now, if one does. */
  readonly fileOf: (name: string) => string | undefined;
  readonly version: (value: SecretValue) => SecretVersion;
  readonly watching: Partial<GivenWatchSettings> | undefined;
}

type Found = Map<string, SecretVersion | SecretError>;

/** The files that variables name, read at each reading, and watched from the first one on: only those that somebody has asked for. */
export class EnvFiles {
  readonly #options: EnvFilesOptions;
  readonly #watches: WatchGroup;
  /** As many as there are such variables, at most. */
  readonly #names = new Set<string>();
  readonly #known = new Map<string, string>();

  constructor(options: EnvFilesOptions) {
    this.#options = options;
    const isByName = true;
    const state = (): Promise<string> => this.#state();
    const versions = async (): Promise<Map<string, string>> => versionsOf(await this.#load(this.#names));
    const settings = { interval: DEFAULT_INTERVAL, ...options.watching };
    this.#watches = new WatchGroup({ entries: () => this.#entries(), state, versions, isByName }, settings);
  }

  /** What can't be read is the error of its own name. */
  async read(names: Iterable<string>, signal: AbortSignal): Promise<Found> {
    const found = await this.#load(names, signal);
    const versions = versionsOf(found);
    for (const name of found.keys()) {
      this.#names.add(name);
      this.#known.delete(name);
    }
    for (const [name, version] of versions) this.#known.set(name, version);
    this.#watches.onRead(versions);
    return found;
  }

  /** Tells the names whose files have changed, came or went. */
  watch(onChange: ChangeListener): Unsubscribe {
    return this.#watches.subscribe({ versions: this.#known, complete: false }, onChange);
  }

  close(): void {
    this.#watches.stop();
  }

  async #load(names: Iterable<string>, signal?: AbortSignal): Promise<Found> {
    const found: Found = new Map();
    for (const [name, path] of this.#paths(names)) found.set(name, await this.#file(name, path, signal));
    return found;
  }

  async #file(name: string, path: string, signal: AbortSignal | undefined): Promise<SecretVersion | SecretError> {
    try {
      const bytes = await readWholeFile(path, { maxBytes: DEFAULT_MAX_BYTES, signal });
      return entryOrError(name, () => this.#options.version(textOfFile(bytes, { trim: true })));
    } catch (error) {
      signal?.throwIfAborted();
      const fault = isSecretError(error) ? error : fileFault(path, error);
      return fault.located({ secretName: name, sourceKind: ENV });
    }
  }

  #paths(names: Iterable<string>): Map<string, string> {
    const paths = new Map<string, string>();
    for (const name of names) {
      const path = this.#options.fileOf(name);
      if (path !== undefined) paths.set(name, resolve(path));
    }
    return paths;
  }

  async #entries(): Promise<WatchedEntries> {
    const paths = [...this.#paths(this.#names).values()];
    return joinedChains(await Promise.all(paths.map((path) => symlinkChain(path))));
  }

  async #state(): Promise<string> {
    const states: string[] = [];
    for (const [name, path] of this.#paths(this.#names)) {
      const file = await stat(path, { bigint: true }).catch(() => undefined);
      states.push(JSON.stringify([name, path, file ? stateOf(file) : 'missing']));
    }
    return states.join('\n');
  }

  static {
    hideInOutput(EnvFiles.prototype, () => '[secrets env]');
  }
}
