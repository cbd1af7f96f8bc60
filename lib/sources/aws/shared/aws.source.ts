import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import type {
  PathContext,
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from '../../../core/source/secret-source.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import type { SourceObservers } from '../../../core/source/source-observers.js';
import type { AwsNames } from './aws.names.js';
import type { AwsNamingOptions } from './aws.options.js';
import { checkOptional, DocumentNames } from './document.names.js';
import type { Identities } from './identities.js';
import type { Names } from './names.js';
import { PrefixedNames } from './prefixed.names.js';
import type { AwsStore } from './store.js';

type Results = Map<string, SecretVersion | SecretError>;

export interface AwsSourceParts {
  readonly store: AwsStore;
  readonly names: Names;
  readonly identities: Identities;
  readonly observers: SourceObservers;
  readonly naming: AwsNamingOptions;
  /** Where requests go, as far as it is known. */
  readonly place: () => string;
  readonly close: () => Promise<void>;
}

/** What the sources of AWS have in common: names lead to a store, each to a secret or to a field of one document. */
export abstract class AwsSource implements SecretSource {
  readonly kind: string;
  /** Whether the document may be absent. */
  readonly optional: boolean;
  /** Whether a path, prefix or document bounds what there is. */
  readonly isBounded: boolean;
  /** Where a path, prefix or document bounds what there is: a whole account is never read. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly #parts: AwsSourceParts;
  readonly #names: AwsNames;

  protected constructor(parts: AwsSourceParts) {
    const { store, names, naming } = parts;
    const { document, optional, json = true } = naming;
    if (document === '')
      throw new SecretConfigurationError('"document" is the name of a secret.', { sourceKind: store.kind });
    checkOptional(optional, document, store.kind);
    this.kind = store.kind;
    this.optional = optional ?? false;
    this.#parts = parts;
    this.#names =
      document === undefined
        ? new PrefixedNames({ ...parts, json })
        : new DocumentNames({ store, id: names.full(document), isOptional: this.optional });
    this.isBounded = this.#names.isBounded;
    if (this.isBounded) this.readAll = (context) => this.readPath('', context);
  }

  read(names: readonly string[], context: ReadContext): Promise<Results> {
    return this.#names.read(names, context);
  }

  readPath(path: string, context: PathContext): Promise<Results> {
    return this.#names.readPath(path, context);
  }

  list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return this.#names.list(prefix ?? '', context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return this.#located(name, () => this.#names.exists(name, context));
  }

  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    return this.#located(name, () => this.#names.write(name, value, context));
  }

  /** Of AWS's own rules for names, which are narrower than what may be asked for. */
  newNameRefusal(name: string): SecretError | undefined {
    return this.#names.newNameRefusal(name);
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: this.kind, name: this.#names.placeOf(name), at: this.#parts.place() }];
  }

  /** The name of an ARN, where an answer has told that they are one secret; else the ARN stays what it is. */
  canonicalName(name: string): string {
    return this.#names.canonicalName(name);
  }

  /** The names that a name or an ARN in an event of AWS's may stand for; the fields, where it is the document. */
  namesOf(announced: string): readonly string[] {
    return this.#names.namesOf(announced);
  }

  /** Says what `allowInsecure` permits: at once, or when the SDK has found its endpoint. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#parts.observers.observe(listener);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  async #located<T>(secretName: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isSecretError(error) ? error.located({ secretName, sourceKind: this.kind }) : error;
    }
  }

  static {
    hideInOutput(AwsSource.prototype, (self) => (#parts in self ? `[secrets ${self.kind}]` : '[secrets]'));
  }
}
