import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError, SecretNotFoundError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { anyRules, checkName, mayExist, nameRefusal, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import type { AwsNames, Results } from './aws.names.js';
import { fieldsOf, withField } from './document.js';
import { namesIn } from './identities.js';
import { isArn } from './names.js';
import type { AwsStore, Stored } from './store.js';

export interface DocumentNamesOptions {
  readonly store: AwsStore;
  /** The full name, or ARN, of the document. */
  readonly id: string;
  /** May it be absent? */
  readonly isOptional: boolean;
}

/** Each name leads to a field of one document, which is read as a whole. */
export class DocumentNames implements AwsNames {
  readonly isBounded = true;
  /** Of the fields that were there last. */
  #last: readonly string[] = [];
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DocumentNamesOptions) {}

  placeOf(name: string): string {
    return `${this.options.id}, field "${name}"`;
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const usable = usableNames(names, anyRules, results, { sourceKind: this.options.store.kind });
    if (usable.length === 0) return results;
    const fields = await this.#fields(context);
    for (const name of usable) {
      const field = fields.get(name);
      if (field) results.set(name, field);
    }
    return results;
  }

  async readPath(path: string, context: ReadContext): Promise<Results> {
    return new Map([...(await this.#fields(context))].filter(([name]) => name.startsWith(path)));
  }

  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    return [...(await this.readPath(prefix, context)).keys()];
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    if (!mayExist(name, anyRules, { sourceKind: this.options.store.kind })) return false;
    return (await this.#fields(context)).has(name);
  }

  /** One after another: each is made from what is there, and AWS holds no version against another, so that what came between would be lost. */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    const { store, id } = this.options;
    checkName(name, anyRules, { sourceKind: store.kind });
    const write = (): Promise<void> => store.write(id, { of: (before) => withField(before, name, value) }, context);
    const own = this.#lastWrite.then(write, write);
    this.#lastWrite = own;
    return own;
  }

  canonicalName(name: string): string {
    return name;
  }

  newNameRefusal(name: string): SecretError | undefined {
    return nameRefusal(name, anyRules, { sourceKind: this.options.store.kind });
  }

  /** All fields, where it is the document that was announced. */
  namesOf(announced: string): readonly string[] {
    const { id } = this.options;
    const isIt = announced === id || (isArn(announced) && namesIn(announced).includes(id));
    return isIt ? this.#last : [];
  }

  /** Rejects where the document is not there, unless it may be absent; a version of it that is not there has no fields. */
  async #fields(context: ReadContext): Promise<Results> {
    const { store, id, isOptional } = this.options;
    let found: Stored | SecretError | undefined;
    await store.read([id], context, (_, state) => (found = state));
    if (found === undefined) {
      if (isOptional || context.version !== undefined) return new Map();
      throw documentMissing(id, store.kind);
    }
    if (isSecretError(found)) throw found;
    const fields = fieldsOf(found.value, found);
    if (context.version === undefined) this.#last = [...fields.keys()];
    return fields;
  }

  static {
    hideInOutput(DocumentNames.prototype, () => '[names of fields]');
  }
}

/**
 * The option `optional` of sources with the option `document`. Throws SecretConfigurationError where there is none that
 * could be absent.
 */
export function checkOptional(optional: boolean | undefined, document: string | undefined, sourceKind: string): void {
  if (!optional || document !== undefined) return;
  throw new SecretConfigurationError(
    '"optional" stands beside "document": it permits that document to be absent; single names may be absent anyway.',
    { sourceKind },
  );
}

/** Said of a reading as a whole: that tells nothing of a single name. */
const documentMissing = (id: string, sourceKind: string): SecretError =>
  new SecretNotFoundError(`the document "${id}" is not there.`, {
    sourceKind,
    advice: 'Check the option `document`, and that it was not deleted; where it may be absent, set `optional: true`.',
  });
