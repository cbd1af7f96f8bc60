import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import { isEncodable, unencodableName } from '../../core/secret/unencodable-name.js';
import type { ReadContext, SecretPlace, SecretSource } from '../../core/source/secret-source.js';
import type { EnvSourceOptions } from './env.options.js';

type Results = ReadonlyMap<string, SecretVersion | SecretError>;

/** Environment variables, looked up at each reading and never written. Without a prefix they can't be enumerated. */
export class EnvSource implements SecretSource {
  readonly kind = 'env';
  /** Only with a prefix: without one there is no telling what of a whole environment is a secret. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly list?: (prefix: string | undefined, context: ReadContext) => Promise<readonly string[]>;
  readonly #prefix: string;

  constructor({ prefix = '' }: EnvSourceOptions = {}) {
    if (typeof prefix !== 'string' || !canBeAVariable(prefix)) {
      throw new SecretConfigurationError('Option "prefix" of envSource is the beginning of variables’ names.');
    }
    this.#prefix = prefix;
    if (prefix === '') return;
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
    return this.#answer(context, () => this.#value(name) !== undefined);
  }

  #select(names: readonly string[], { version: wanted }: ReadContext): Results {
    const found = new Map<string, SecretVersion | SecretError>();
    for (const name of names) {
      const refusal = unencodableName(name);
      if (refusal) found.set(name, refusal);
      const value = this.#value(name);
      const secret = value === undefined ? undefined : SecretVersion.of(value);
      if (secret && (wanted ?? secret.version) === secret.version) found.set(name, secret);
    }
    return found;
  }

  #value(name: string): string | undefined {
    const variable = this.#prefix + name;
    // The system would cut a name at NUL, or replace half a character, and so take it for another's; `constructor` and
    // its kin are no variables.
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
