import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import { ownOptions } from '../../core/options/own-options.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import { anyRules, isEncodable, mayExist, usableNames } from '../../core/secret/secret-name.js';
import type { ReadContext, SecretPlace, SecretSource } from '../../core/source/secret-source.js';
import { SourceObservers } from '../../core/source/source-observers.js';
import type { EnvSourceOptions } from './env.options.js';
import { ENV_OPTIONS } from './env.options.js';

const WHOLE_ENVIRONMENT =
  'envSource() has no prefix, so that every variable of the environment can be asked for by its name (PATH too). ' +
  'Where names come from outside, give one, e.g. `envSource({ prefix: "APP_" })`.';

type Results = ReadonlyMap<string, SecretVersion | SecretError>;

/** Environment variables, looked up at each reading and never written. Without a prefix they can't be enumerated. */
export class EnvSource implements SecretSource {
  readonly kind = 'env';
  /** Only with a prefix: without one there is no telling what of a whole environment is a secret. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly list?: (prefix: string | undefined, context: ReadContext) => Promise<readonly string[]>;
  /** Only without a prefix: says what that opens. */
  readonly observe?: NonNullable<SecretSource['observe']>;
  readonly #prefix: string;
  readonly #json: boolean;

  constructor(options?: EnvSourceOptions) {
    const details = { sourceKind: this.kind };
    const { prefix = '', json = false } = ownOptions(options, ENV_OPTIONS, 'envSource', { details });
    if (!canBeAVariable(prefix)) {
      throw new SecretConfigurationError('Option "prefix" of envSource is the beginning of variables’ names.');
    }
    this.#json = json;
    this.#prefix = prefix;
    if (prefix === '') {
      const observers = new SourceObservers(this.kind);
      observers.add('notice', WHOLE_ENVIRONMENT);
      this.observe = (listener) => observers.observe(listener);
      return;
    }
    this.readAll = (context) => this.#answer(context, () => this.#select(this.#names(), context));
    this.list = (begin, context) =>
      this.#answer(context, () => this.#names().filter((name) => name.startsWith(begin ?? '')));
  }

  read(names: readonly string[], context: ReadContext): Promise<Results> {
    return this.#answer(context, () => this.#select(names, context));
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: this.kind, name: this.#prefix + name }];
  }

  exists(name: string, context: ReadContext): Promise<boolean> {
    return this.#answer(
      context,
      () => mayExist(name, anyRules, { sourceKind: this.kind }) && this.#value(name) !== undefined,
    );
  }

  #select(names: readonly string[], context: ReadContext): Results {
    const found = new Map<string, SecretVersion | SecretError>();
    for (const name of usableNames(names, anyRules, found, { sourceKind: this.kind })) {
      const value = this.#value(name);
      const secret = value === undefined ? undefined : SecretVersion.of(this.#json ? withJsonParsed(value) : value);
      if (secret && isAskedFor(name, secret, context)) found.set(name, secret);
    }
    return found;
  }

  #value(name: string): string | undefined {
    const variable = this.#prefix + name;
    // The system would cut a name at `=`, and so take it for another's; `constructor` and its kin are not variables.
    const there = name !== '' && canBeAVariable(name) && Object.hasOwn(process.env, variable);
    return there ? process.env[variable] : undefined;
  }

  #names(): string[] {
    const begin = this.#prefix;
    return Object.keys(process.env)
      .filter((variable) => variable.length > begin.length && variable.startsWith(begin))
      .map((variable) => variable.slice(begin.length));
  }

  async #answer<T>({ signal }: ReadContext, work: () => T): Promise<T> {
    await Promise.resolve();
    signal.throwIfAborted();
    return work();
  }

  static {
    hideInOutput(EnvSource.prototype, () => '[secrets env]');
  }
}

const canBeAVariable = (name: string): boolean => !name.includes('\0') && !name.includes('=') && isEncodable(name);
