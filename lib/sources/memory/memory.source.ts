import { ownEntries } from '../../core/options/own-entries.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretError } from '../../core/errors/index.js';
import { numberBefore } from '../../core/secret/numbered-versions.js';
import { anyRules, checkName, mayExist, usableNames } from '../../core/secret/secret-name.js';
import { copyIn, type SecretValue, whoseValue } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';

/** So that a test may rotate for as long as it likes. */
const KEPT_VERSIONS = 100;

type Values = ReadonlyMap<string, SecretVersion>;

/**
 * Secrets kept in this process: for tests, and for trying things out.
 * `rotate`, `remove`, `fail` and `recover` change only the backend, as an administrator would: the app sees it at its next refresh.
 * Versions are `'1'`, `'2'`, …, counted for each name; the last 100 stay readable by `version`.
 */
export class MemorySource implements SecretSource {
  readonly kind = 'memory';
  readonly #history = new Map<string, SecretVersion[]>();
  // Names that were removed keep their history, so that one that comes back has a new version number.
  readonly #removed = new Set<string>();
  #failure: { readonly error: unknown } | undefined;

  constructor(values: Readonly<Record<string, SecretValue | object>> = {}) {
    for (const [name, value] of ownEntries(values, 'What memorySource takes')) this.rotate(name, value);
  }

  /** Gives the secret a new value and the next version number; creates one that is missing. Throws SecretConfigurationError for what can be no name. */
  rotate(name: string, value: SecretValue | object): void {
    checkName(name, anyRules, { sourceKind: this.kind });
    const copy = typeof value === 'string' ? value : copyIn(value, whoseValue('memorySource', name));
    const history = this.#history.get(name) ?? [];
    const number = Number(history.at(-1)?.version ?? 0) + 1;
    history.push(SecretVersion.of(copy, { version: String(number), createdAt: new Date() }));
    if (history.length > KEPT_VERSIONS) history.shift();
    this.#history.set(name, history);
    this.#removed.delete(name);
  }

  /** Takes the secret and all its versions away; nothing happens where there is none. */
  remove(name: string): void {
    this.#removed.add(name);
  }

  /** From now on every call rejects with this error, until `recover`. */
  fail(error: unknown): void {
    this.#failure = { error };
  }

  recover(): void {
    this.#failure = undefined;
  }

  read(names: readonly string[], context: ReadContext): Promise<ReadonlyMap<string, SecretVersion | SecretError>> {
    return this.#answer(context, () => {
      const found = new Map<string, SecretVersion | SecretError>();
      for (const name of usableNames(names, anyRules, found, { sourceKind: this.kind })) {
        const version = this.#find(name, context.version);
        if (version) found.set(name, version);
      }
      return found;
    });
  }

  readAll(context: ReadContext): Promise<Values> {
    return this.#answer(context, () => this.#select(() => true));
  }

  /** All whose names lie below the path: `app` and `app/` both give `app/db`, and not `application`. An empty path gives all. */
  readPath(path: string, context: ReadContext): Promise<Values> {
    const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
    return this.#answer(context, () => this.#select((name) => name.startsWith(folder)));
  }

  exists(name: string, context: ReadContext): Promise<boolean> {
    return this.#answer(
      context,
      () => mayExist(name, anyRules, { sourceKind: this.kind }) && this.#find(name) !== undefined,
    );
  }

  previousVersion(version: string): string | undefined {
    return numberBefore(version);
  }

  list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return this.#answer(context, () => [...this.#select((name) => name.startsWith(prefix ?? '')).keys()]);
  }

  /** Creates or rotates. */
  write(name: string, value: SecretValue, context: ReadContext): Promise<void> {
    return this.#answer(context, () => this.rotate(name, value));
  }

  #find(name: string, version?: string): SecretVersion | undefined {
    if (this.#removed.has(name)) return undefined;
    const history = this.#history.get(name) ?? [];
    return version === undefined ? history.at(-1) : history.find((item) => item.version === version);
  }

  #select(wanted: (name: string) => boolean): Map<string, SecretVersion> {
    const found = new Map<string, SecretVersion>();
    for (const name of this.#history.keys()) {
      const version = wanted(name) ? this.#find(name) : undefined;
      if (version) found.set(name, version);
    }
    return found;
  }

  /** Answers a turn later, as a real backend does, so that tests don't come to lean on a source that answers at once. */
  async #answer<T>(context: ReadContext, work: () => T): Promise<T> {
    await Promise.resolve();
    context.signal.throwIfAborted();
    if (this.#failure) throw this.#failure.error;
    return work();
  }

  static {
    hideInOutput(MemorySource.prototype, () => '[secrets memory]');
  }
}
