import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { withJsonParsed } from '../../../core/secret/json.js';
import type { NameRules } from '../../../core/secret/secret-name.js';
import { checkName, mayExist, nameRefusal, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';
import type { PathContext, ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import type { AwsNames, Results } from './aws.names.js';
import type { Identities } from './identities.js';
import { namesIn } from './identities.js';
import type { Names } from './names.js';
import { folderOf, ID_RULES, isArn } from './names.js';
import type { AwsStore, Stored } from './store.js';

export interface PrefixedNamesOptions {
  readonly store: AwsStore;
  readonly names: Names;
  readonly identities: Identities;
  /** False leaves text that holds JSON, or a list, a string. */
  readonly json: boolean;
}

/** Each name leads to a secret: with a prefix before it, or as it stands. */
export class PrefixedNames implements AwsNames {
  readonly isBounded: boolean;

  constructor(private readonly options: PrefixedNamesOptions) {
    const { prefix } = options.names;
    this.isBounded = prefix !== '' && prefix !== '/';
  }

  placeOf(name: string): string {
    return this.#full(name);
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const { store } = this.options;
    const usable = usableNames(names, ID_RULES, results, { sourceKind: store.kind }, (name) => this.#checked(name));
    if (usable.length === 0) return results;
    const wanted = new Map<string, string[]>();
    for (const name of usable) {
      const id = this.#full(name);
      wanted.set(id, [...(wanted.get(id) ?? []), name]);
    }
    await store.read([...wanted.keys()], context, (id, found) => {
      for (const name of wanted.get(id) ?? []) this.#take(name, found, results, context);
    });
    return results;
  }

  /** All whose names lie below the path: `app` and `app/` both give `app/db`. With `/` at its beginning the prefix doesn't go before it. They are read while the rest is listed. */
  async readPath(path: string, context: PathContext): Promise<Results> {
    const { recursive = true } = context;
    const folder = this.#full(folderOf(path));
    const all: Results = new Map();
    const readings: Promise<unknown>[] = [];
    try {
      for await (const page of this.#pages(folderOf(path), context)) {
        const names = recursive ? page : page.filter((name) => !this.#full(name).slice(folder.length).includes('/'));
        const reading = this.read(names, context).then((found) => found.forEach((entry, name) => all.set(name, entry)));
        reading.catch(() => undefined); // looked at below
        readings.push(reading);
      }
    } finally {
      await Promise.allSettled(readings);
    }
    await Promise.all(readings);
    return all;
  }

  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const names of this.#pages(prefix, context)) found.push(...names);
    return found;
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    const { store } = this.options;
    const id = this.#full(name);
    return mayExist(name, ID_RULES, { sourceKind: store.kind }, this.#checked(name)) && store.exists(id, context);
  }

  write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    const { store } = this.options;
    const id = this.#full(name);
    checkName(name, ID_RULES, { sourceKind: store.kind }, this.#checked(name));
    return store.write(id, { value }, context);
  }

  newNameRefusal(name: string): SecretError | undefined {
    const { store } = this.options;
    const { shape, words } = store.newNames ?? { shape: /^/, words: '' };
    const rules: NameRules = {
      place: 'key',
      shape: { matches: (id) => shape.test(id), words: `new ones have ${words}` },
    };
    return nameRefusal(name, rules, { sourceKind: store.kind }, this.#checked(name));
  }

  /** The name of an ARN is another spelling of it only where an answer has said so. */
  canonicalName(name: string): string {
    const { names, identities } = this.options;
    if (!isArn(name)) return names.short(this.#full(name)) ?? name;
    const full = identities.nameOf(name) ?? identities.nameOfPartial(name);
    return full === undefined ? name : (names.short(full) ?? name);
  }

  namesOf(announced: string): readonly string[] {
    const { names } = this.options;
    const full = isArn(announced) ? namesIn(announced) : [announced];
    const short = full.map((name) => names.short(name)).filter((name) => name !== undefined);
    return [...new Set([...short, announced])];
  }

  /** Only the prefix is not a name. */
  #checked(name: string): string {
    return name === '' ? '' : this.#full(name);
  }

  #full(name: string): string {
    return this.options.names.full(name);
  }

  #take(name: string, found: Stored | Error, results: Results, { deliver }: ReadContext): void {
    if (isSecretError(found)) return void results.set(name, found.located({ secretName: name }));
    const { value, isList, version, createdAt, expiresAt } = found as Stored;
    const { json } = this.options;
    const parsed = !json ? value : isList ? String(value).split(',') : withJsonParsed(value);
    const entry = entryOrError(name, () => SecretVersion.of(parsed, { version, createdAt, expiresAt }));
    results.set(name, entry);
    if (!isSecretError(entry)) deliver?.(new Map([[name, entry]]));
  }

  /** Names that begin with a text, each once. */
  async *#pages(prefix: string, context: ReadContext): AsyncGenerator<string[]> {
    const { store, names } = this.options;
    const seen = new Set<string>();
    const full = this.#full(prefix);
    for await (const page of store.names(full, context)) {
      const fresh: string[] = [];
      for (const id of page) {
        const name = id.startsWith(full) ? names.short(id) : undefined;
        if (name === undefined || seen.has(name)) continue;
        seen.add(name);
        fresh.push(name);
      }
      yield fresh;
    }
  }

  static {
    hideInOutput(PrefixedNames.prototype, () => '[names of secrets]');
  }
}
