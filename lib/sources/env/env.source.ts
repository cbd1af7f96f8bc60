import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import { anyRules, mayExist, usableNames } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import type { ReadContext, SecretPlace, SecretSource, Unsubscribe } from '../../core/source/secret-source.js';
import { SourceObservers } from '../../core/source/source-observers.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { GivenWatchSettings } from '../watch/path-watcher.js';
import type { EnvFiles } from './env.files.js';
import type { EnvSourceOptions } from './env.options.js';
import { ENV, ENV_OPTIONS } from './env.options.js';
import { canBeAVariable, Variables } from './variables.js';

const WHOLE_ENVIRONMENT =
  'envSource() has no prefix, so that every variable of the environment can be asked for by its name (PATH too). ' +
  'Where names come from outside, give one, e.g. `envSource({ prefix: "APP_" })`.';

type Results = ReadonlyMap<string, SecretVersion | SecretError>;

/**
 * Environment variables, and the files that they name, looked up at each reading and never written. Without a prefix they can't be enumerated.
 */
export class EnvSource implements SecretSource {
  readonly kind = ENV;
  /** Only with a prefix: without one there is no telling what of a whole environment is a secret. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly list?: (prefix: string | undefined, context: ReadContext) => Promise<readonly string[]>;
  /** Only without a prefix: says what that opens. */
  readonly observe?: NonNullable<SecretSource['observe']>;
  /** Unless `files` is false: tells of the files that variables name, from when the first of them is read. */
  readonly watch?: (onChange: ChangeListener) => Unsubscribe;
  readonly #prefix: string;
  readonly #json: boolean;
  readonly #variables: Variables;
  readonly #watching: Partial<GivenWatchSettings> | undefined;
  #opening: Promise<EnvFiles> | undefined;
  #files: EnvFiles | undefined;
  /** Who watches, and has nothing to watch yet. */
  readonly #waiting = new Set<(files: EnvFiles) => void>();

  constructor(given?: EnvSourceOptions, watching?: Partial<GivenWatchSettings>) {
    const options = ownOptions(given, ENV_OPTIONS, 'envSource', { details: { sourceKind: ENV } });
    const { prefix = '', json = false, files = true } = options;
    if (!canBeAVariable(prefix)) {
      throw new SecretConfigurationError('Option "prefix" of envSource is the beginning of variables’ names.');
    }
    this.#json = json;
    this.#prefix = prefix;
    this.#variables = new Variables(prefix, files);
    this.#watching = watching;
    if (files) this.watch = (onChange) => this.#watch(onChange);
    if (prefix === '') {
      const observers = new SourceObservers(ENV);
      observers.add('notice', WHOLE_ENVIRONMENT);
      this.observe = (listener) => observers.observe(listener);
      return;
    }
    this.readAll = (context) => this.#answer(context, () => this.#select(this.#variables.names(), context));
    this.list = (begin, context) =>
      this.#answer(context, () => this.#variables.names().filter((name) => name.startsWith(begin ?? '')));
  }

  read(names: readonly string[], context: ReadContext): Promise<Results> {
    return this.#answer(context, () => this.#select(names, context));
  }

  describe(name: string): readonly SecretPlace[] {
    const found = this.#variables.find(name);
    if (found && 'file' in found) return [{ source: ENV, name: found.variable, at: found.file }];
    return [{ source: ENV, name: this.#prefix + name }];
  }

  exists(name: string, context: ReadContext): Promise<boolean> {
    return this.#answer(
      context,
      () => mayExist(name, anyRules, { sourceKind: ENV }) && this.#variables.find(name) !== undefined,
    );
  }

  /** A variable changes in silence; a file that one names is watched. */
  covers(name: string): boolean {
    return this.#variables.fileOf(name) !== undefined;
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
  }

  async #select(names: readonly string[], context: ReadContext): Promise<Results> {
    const found = new Map<string, SecretVersion | SecretError>();
    const inFiles: string[] = [];
    for (const name of usableNames(names, anyRules, found, { sourceKind: ENV })) {
      const variable = this.#variables.find(name);
      if (!variable) continue;
      if ('both' in variable) found.set(name, bothAreSet(name, variable.both));
      else if ('file' in variable) inFiles.push(name);
      else this.#take(name, this.#version(variable.value), found, context);
    }
    if (inFiles.length === 0) return found;
    const files = await (this.#opening ??= this.#open());
    const answer = await unlessAborted(files.read(inFiles, context.signal), context.signal);
    this.#begin(files);
    for (const [name, secret] of answer) {
      if (secret instanceof SecretVersion) this.#take(name, secret, found, context);
      else found.set(name, secret);
    }
    return found;
  }

  #take(name: string, secret: SecretVersion, found: Map<string, unknown>, context: ReadContext): void {
    if (isAskedFor(name, secret, context)) found.set(name, secret);
  }

  #version(value: SecretValue): SecretVersion {
    return SecretVersion.of(this.#json ? withJsonParsed(value) : value);
  }

  async #open(): Promise<EnvFiles> {
    const { EnvFiles } = await import('./env.files.js');
    const fileOf = (name: string): string | undefined => this.#variables.fileOf(name);
    return new EnvFiles({ fileOf, version: (value) => this.#version(value), watching: this.#watching });
  }

  #watch(onChange: ChangeListener): Unsubscribe {
    let end: Unsubscribe | undefined;
    const begin = (files: EnvFiles): void => void (end = files.watch(onChange));
    if (this.#files) begin(this.#files);
    else this.#waiting.add(begin);
    return () => {
      this.#waiting.delete(begin);
      end?.();
    };
  }

  /** After the first reading of files, so that what it found is known to who watches. */
  #begin(files: EnvFiles): void {
    this.#files = files;
    for (const begin of this.#waiting) begin(files);
    this.#waiting.clear();
  }

  async #answer<T>({ signal }: ReadContext, work: () => T | Promise<T>): Promise<T> {
    await Promise.resolve();
    signal.throwIfAborted();
    return work();
  }

  static {
    hideInOutput(EnvSource.prototype, () => '[secrets env]');
  }
}

const bothAreSet = (secretName: string, [variable, fileVariable]: readonly [string, string]): SecretError =>
  new SecretConfigurationError(`"${variable}" and "${fileVariable}" are both set.`, {
    secretName,
    sourceKind: ENV,
    advice: 'Set only one of them; with `files: false` envSource takes no notice of names that end in _FILE.',
  });
