import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError, SecretNotFoundError } from '../../../core/errors/index.js';
import type { JsonMember } from '../../../core/secret/json-fields.js';
import { memberValue } from '../../../core/secret/json-fields.js';
import { anyRules, checkName, mayExist, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import type { VaultCalls } from '../client/index.js';
import { KIND } from '../errors/vault.source.errors.js';
import type { KvEngine, KvFields } from './kv.engine.js';
import { withHint } from './kv.hint.js';
import type { KvNames, Results } from './kv.names.js';
import { casOf, pathsBelow } from './kv.names.js';
import { valueOrError } from './name.results.js';
import type { VaultAccess } from './vault.access.js';
import type { KvState } from './written.versions.js';

/** One field, and where it is. */
interface Field extends JsonMember, KvState {
  readonly document: string;
}

type Fields = ReadonlyMap<string, Field>;

export interface KvDocumentOptions {
  /** Later ones first: a field of a later one stands in front of one of the same name in those before. */
  readonly documents: readonly string[];
  /** Whether each of them may be absent: then it has no fields. */
  readonly optional: boolean;
}

/**
 * Each field of one document, or of several, is a secret of its own name. Numbers and booleans come as text, null is none. A field shows its
 * document's version, so that all replicas show the same for one state of it; that a neighbour's change makes a new one is not a rotation, for values decide.
 */
export class KvDocument implements KvNames {
  readonly isBounded = true;
  readonly readPath = undefined;
  readonly #documents: readonly string[];
  readonly #isOptional: boolean;
  /** Names of fields that were found, or asked for. */
  readonly #last = new Set<string>();

  constructor(
    private readonly access: VaultAccess,
    private readonly engine: KvEngine,
    { documents, optional }: KvDocumentOptions,
  ) {
    this.#documents = documents.map((path) => path.replace(/^\/+|\/+$/g, ''));
    this.#isOptional = optional;
  }

  placeOf(name: string): string {
    const places = [...this.#documents].reverse().map((path) => this.engine.at(path));
    return `${places.join(' or ')}, field "${name}"`;
  }

  askedFor(): readonly string[] {
    return this.#documents.map((path) => this.engine.requestAt(path));
  }

  /** All that were read last, where it is a document of theirs. */
  namesAt(path: string): readonly string[] {
    return pathsBelow(this.engine.mount, path).some((one) => this.#documents.includes(one)) ? [...this.#last] : [];
  }

  async readInto(results: Results, names: readonly string[], context: ReadContext): Promise<void> {
    const usable = usableNames(names, anyRules, results, { sourceKind: KIND });
    if (usable.length === 0) return;
    for (const name of usable) this.#last.add(name);
    for (const [name, field] of await this.#fields(context, usable)) {
      if (usable.includes(name)) results.set(name, versionOf(field));
    }
  }

  async readAll(context: ReadContext): Promise<Results> {
    const fields = await this.#fields(context);
    for (const name of fields.keys()) this.#last.add(name);
    return new Map([...fields].map(([name, field]) => [name, versionOf(field)]));
  }

  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    return [...(await this.#fields(context)).keys()].filter((name) => name.startsWith(prefix));
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return mayExist(name, anyRules, { sourceKind: KIND }) && (await this.#fields(context)).has(name);
  }

  /** Into the document that has the field; where none has, into the last one. */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    checkName(name, anyRules, { sourceKind: KIND });
    if (isBytes(value)) {
      const advice = 'Store them as text, e.g. in Base64.';
      throw new SecretConfigurationError('KV holds text and JSON, no bytes.', {
        secretName: name,
        sourceKind: KIND,
        advice,
      });
    }
    const cas = casOf(context);
    const document = await this.#documentFor(name, context);
    const attempt = { operation: `writing ${this.engine.at(document)}` };
    await this.access.run(context, attempt, (calls) =>
      this.engine.setField(calls, document, name, JSON.stringify(value), cas),
    );
  }

  async #documentFor(name: string, context: ReadContext): Promise<string> {
    const last = this.#documents.at(-1)!;
    if (this.#documents.length === 1) return last;
    return (await this.#fields(context)).get(name)?.document ?? last;
  }

  /** All fields that are secrets. Of a version that is asked for: those of `names`, each in the document that has it now, for each counts its own versions. */
  async #fields({ version, ...context }: ReadContext, names: readonly string[] = []): Promise<Fields> {
    if (this.#documents.length === 1) return secretsIn([await this.#document(this.#documents[0]!, context, version)]);
    const current = secretsIn(await Promise.all(this.#documents.map((path) => this.#document(path, context))));
    if (version === undefined) return current;
    const owners = new Set(names.flatMap((name) => current.get(name)?.document ?? []));
    const then = await Promise.all([...owners].map((path) => this.#document(path, context, version)));
    return new Map(
      then
        .flatMap((fields) => fields.filter(({ name, document }) => current.get(name)?.document === document))
        .map((field) => [field.name, field]),
    );
  }

  /** A document that is not there is a failure of the whole reading, and no proof that a name is none; a version of it may well be missing. */
  async #document(path: string, context: ReadContext, version?: string): Promise<readonly Field[]> {
    const attempt = { operation: `reading ${this.engine.at(path)}` };
    try {
      const read = (calls: VaultCalls): Promise<KvFields | undefined> => this.engine.readFields(calls, path, version);
      const found = await this.access.run(context, attempt, read);
      if (!found) return [];
      const { fields, ...state } = found;
      return fields.map((field) => ({ ...field, ...state, document: path }));
    } catch (error) {
      if (!isSecretError(error) || error.code !== 'SECRET_NOT_FOUND') throw error;
      if (version !== undefined || this.#isOptional) return [];
      const advice = 'Check `kv.document` and `kv.mount`; with `kv.optional` it may be absent.';
      const plain = new SecretNotFoundError(error.reason, { sourceKind: KIND, cause: error.cause, advice });
      throw withHint(plain, this.engine, path);
    }
  }
}

/** The last one of a name, and none that is null: whatever an earlier document has there. */
function secretsIn(documents: readonly (readonly Field[])[]): Fields {
  const fields = new Map(documents.flat().map((field) => [field.name, field]));
  for (const [name, { raw }] of fields) if (raw === 'null') fields.delete(name);
  return fields;
}

function versionOf({ name, raw, version, createdAt }: Field): SecretVersion | SecretError {
  return valueOrError(name, () => SecretVersion.of(memberValue(raw) ?? raw, { version, createdAt }));
}
