import type { SecretError } from '../../../core/errors/index.js';
import {
  isSecretError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceReadOnlyError,
} from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import { parseJsonDocument } from '../../../core/secret/json.js';
import { numberBefore } from '../../../core/secret/numbered-versions.js';
import { anyRules, mayExist, nameRefusal, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';
import type { ReadContext, SecretPlace, SecretSource, Unsubscribe } from '../../../core/source/secret-source.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { isDenied } from '../shared/aws.errors.js';
import { AWS_HINTS } from '../shared/aws.options.js';
import { AwsSettings } from '../shared/aws.settings.js';
import { checkOptional, documentMissing, fieldsOf, withField } from '../shared/document.js';
import { folderOf, isArn, Names } from '../shared/names.js';
import { ENDPOINT_VARIABLE, KIND, ParameterStoreApi } from './parameter-store.client.js';
import type { AwsParameterStoreOptions } from './parameter-store.options.js';
import { PARAMETER_STORE_OPTIONS } from './parameter-store.options.js';
import type { ParameterState } from './parameter-reader.js';
import { NAMES, ParameterReader, stateOf } from './parameter-reader.js';
import { writeParameter } from './parameter-writer.js';

const AT = { sourceKind: KIND };

type Results = Map<string, SecretVersion | SecretError>;

/**
 * The parameters of AWS Systems Manager. Text that holds a JSON object or array is that, a StringList is a list of strings, other text stays text.
 * Versions are AWS's numbers. `/aws/reference/secretsmanager/NAME/KEY` leads into the JSON of a secret of Secrets Manager.
 */
export class AwsParameterStoreSource implements SecretSource {
  readonly kind = KIND;
  /** Whether the document may be absent. */
  readonly optional: boolean;
  /** Where a path, prefix or document bounds what there is: a whole account is never read. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly #api: ParameterStoreApi;
  readonly #reader: ParameterReader;
  readonly #names: Names;
  readonly #document: string | undefined;
  readonly #json: boolean;
  readonly #decrypt: boolean;
  readonly #settings: AwsSettings;

  /** Begins to load the SDK. Throws SecretConfigurationError for options that can't be meant. */
  constructor(given?: AwsParameterStoreOptions) {
    const rules = { hints: AWS_HINTS, details: AT };
    const options = ownOptions(given, PARAMETER_STORE_OPTIONS, 'awsParameterStore', rules);
    const { path = '', prefix = '', document, optional, json = true, withDecryption = true } = options;
    const refuse = (reason: string): never => {
      throw new SecretConfigurationError(reason, { sourceKind: KIND });
    };
    if (path !== '' && !path.startsWith('/')) refuse('"path" begins with a slash, as in /prod/app/.');
    if (document === '') refuse('"document" is the name of a parameter.');
    checkOptional(optional, document, KIND);
    this.optional = optional ?? false;
    this.#settings = new AwsSettings(options, KIND, ENDPOINT_VARIABLE);
    this.#names = new Names(folderOf(path) + (path === '' ? prefix : prefix.replace(/^\/+/, '')));
    this.#document = document === undefined ? undefined : this.#names.full(document);
    this.#json = json;
    this.#decrypt = withDecryption;
    this.#api = new ParameterStoreApi(this.#settings, options.client);
    this.#reader = new ParameterReader(this.#api, withDecryption);
    if (document !== undefined) {
      this.readAll = (context) => this.#fields(context);
    } else if (this.#names.prefix !== '' && this.#names.prefix !== '/') {
      this.readAll = (context) => this.readPath('', context);
    }
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const rules = this.#document === undefined ? NAMES : anyRules;
    const usable = usableNames(names, rules, results, AT, (name) => this.#full(name));
    if (usable.length === 0) return results;
    if (this.#document !== undefined) {
      const fields = await this.#fields(context);
      for (const name of usable) {
        const field = fields.get(name);
        if (field) results.set(name, field);
      }
      return results;
    }
    const wanted = new Map(usable.map((name) => [name, this.#full(name)] as const));
    const states = await this.#reader.read([...new Set(wanted.values())], context.version, context);
    for (const [name, id] of wanted) {
      const state = states.get(id);
      if (state === undefined) continue;
      results.set(name, isSecretError(state) ? state.located({ secretName: name }) : this.#version(name, state));
    }
    return results;
  }

  /** All below the path: `app` and `app/` both give `app/db`. With `/` at its beginning the source's own path doesn't go before it. */
  async readPath(path: string, context: ReadContext): Promise<Results> {
    const all: Results = new Map();
    if (this.#document !== undefined) {
      for (const [name, field] of await this.#fields(context)) if (name.startsWith(path)) all.set(name, field);
      return all;
    }
    const prefix = this.#names.full(folderOf(path));
    if (!prefix.startsWith('/')) {
      return this.read(await this.list(folderOf(path), context), context);
    }
    for await (const page of this.#api.below(directoryOf(prefix), this.#decrypt, context)) {
      for (const parameter of page) {
        const { Name = '' } = parameter;
        const name = Name.startsWith(prefix) ? this.#names.short(Name) : undefined;
        if (name !== undefined) all.set(name, this.#version(name, stateOf(parameter)));
      }
    }
    return all;
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const found = new Set<string>();
    if (this.#document !== undefined) {
      for (const name of (await this.#fields(context)).keys()) if (name.startsWith(prefix ?? '')) found.add(name);
      return [...found];
    }
    const full = this.#names.full(prefix ?? '');
    if (!/^[\w./-]*$/.test(full)) return [];
    const take = (page: readonly { readonly Name?: string | undefined }[]): void => {
      for (const { Name = '' } of page) {
        const name = Name.startsWith(full) ? this.#names.short(Name) : undefined;
        if (name !== undefined) found.add(name);
      }
    };
    const folder = directoryOf(full).replace(/\/$/, '');
    try {
      const filter = folder
        ? { Key: 'Path', Option: 'Recursive', Values: [folder] }
        : full !== '' && full !== '/'
          ? { Key: 'Name', Option: 'BeginsWith', Values: [full] }
          : undefined;
      for await (const page of this.#api.described(filter, context)) take(page);
    } catch (error) {
      if (!isDenied(error) || !folder) throw error;
      // Who may read a path need not have the right to describe; values come encrypted, and are not looked at.
      for await (const page of this.#api.below(folder, false, context)) take(page);
    }
    return [...found];
  }

  /** True for a parameter, and for a folder that holds one. */
  async exists(name: string, context: ReadContext): Promise<boolean> {
    const isField = this.#document !== undefined;
    const id = this.#full(name);
    if (!mayExist(name, isField ? anyRules : NAMES, AT, id)) return false;
    if (isField) return (await this.#fields(context)).has(name);
    const state = (await this.#reader.read([id], undefined, context)).get(id);
    if (isSecretError(state)) throw state.located({ secretName: name });
    if (state || !id.startsWith('/')) return state !== undefined;
    try {
      for await (const page of this.#api.below(id, false, context)) if (page.length > 0) return true;
    } catch (error) {
      if (!isDenied(error)) throw error; // without that right, only parameters exist
    }
    return false;
  }

  /**
   * A new version, with type, tier, key, policies and description as they are; creates a missing parameter as a SecureString. Objects are stored as JSON.
   * Rejects with SecretConfigurationError for bytes, which parameters can't hold, and with SecretSourceReadOnlyError below `/aws/`.
   */
  async write(name: string, value: SecretValue, context: ReadContext): Promise<void> {
    const id = this.#document ?? this.#full(name);
    const at = { secretName: name, sourceKind: KIND };
    if (id.startsWith('/aws/')) throw new SecretSourceReadOnlyError('parameters below /aws/ are AWS’s own.', at);
    const refusal = nameRefusal(name, NAMES, AT, id);
    if (refusal) throw new SecretConfigurationError(refusal.reason, at);
    try {
      if (this.#document === undefined) return await writeParameter(this.#api, id, value, context);
      const before = (await this.#reader.read([id], undefined, context)).get(id);
      if (before === undefined) throw new SecretNotFoundError('the document is not there.', at);
      if (isSecretError(before)) throw before;
      await writeParameter(this.#api, id, withField(before.value, name, value), context);
    } catch (error) {
      throw isSecretError(error) ? error.located(at) : error;
    }
  }

  describe(name: string): readonly SecretPlace[] {
    const id = this.#document === undefined ? this.#names.full(name) : `${this.#document}, field "${name}"`;
    return [{ source: KIND, name: id, at: this.#api.place }];
  }

  previousVersion(version: string): string | undefined {
    return numberBefore(version);
  }

  /** The name of an ARN in our region and account, where these are known; an ARN of others stays one. */
  canonicalName(name: string): string {
    if (this.#document !== undefined) return name;
    const [, region, account, rest] = /^arn:[\w-]+:ssm:([\w-]+):(\d{12}):parameter\/(.+)$/.exec(name) ?? [];
    if (rest === undefined) return isArn(name) ? name : (this.#names.short(this.#full(name)) ?? name);
    const { region: own = process.env['AWS_REGION'], assumeRole } = this.#settings;
    const ownAccount = assumeRole?.roleArn.split(':')[4] ?? process.env['AWS_ACCOUNT_ID'];
    if ((own !== undefined && region !== own) || (ownAccount !== undefined && account !== ownAccount)) return name;
    // `parameter/app/db` is `/app/db`; `parameter/KEY` is `KEY`.
    return this.#names.short(rest.includes('/') ? `/${rest}` : rest) ?? name;
  }

  /** Says what `allowInsecure` permits: at once, or when the SDK has found its endpoint. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#settings.observers.observe(listener);
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  #full(name: string): string {
    return this.#names.full(name);
  }

  #version(name: string, { value, list, version, createdAt }: ParameterState): SecretVersion | SecretError {
    const parsed = !this.#json ? undefined : list ? value.split(',') : parseJsonDocument(value);
    return entryOrError(name, () => SecretVersion.of(parsed ?? value, { version, createdAt }));
  }

  /**
   * Rejects where the document is not there, unless it may be absent; a version of it that is not there has no fields.
   */
  async #fields(context: ReadContext): Promise<Results> {
    const id = this.#document!;
    const state = (await this.#reader.read([id], context.version, context)).get(id);
    if (isSecretError(state)) throw state;
    if (state) return fieldsOf(state.value, { ...state, expiresAt: undefined });
    if (this.optional || context.version !== undefined) return new Map();
    throw documentMissing(id, KIND);
  }

  static {
    hideInOutput(AwsParameterStoreSource.prototype, () => `[secrets ${KIND}]`);
  }
}

/** Up to and with the last slash. */
const directoryOf = (full: string): string => full.slice(0, full.lastIndexOf('/') + 1);
