import { systemClock } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError, SecretNotFoundError } from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import { withJsonParsed } from '../../../core/secret/json.js';
import { anyRules, checkName, mayExist, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';
import type { ReadContext, SecretPlace, SecretSource, Unsubscribe } from '../../../core/source/secret-source.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import type { SourceObservers } from '../../../core/source/source-observers.js';
import { isDenied, isMissing } from '../shared/aws.errors.js';
import { AWS_HINTS } from '../shared/aws.options.js';
import { AwsSettings } from '../shared/aws.settings.js';
import { checkOptional, documentMissing, fieldsOf, withField } from '../shared/document.js';
import { folderOf, Names } from '../shared/names.js';
import { ENDPOINT_VARIABLE, KIND, SecretsManagerApi } from './secrets-manager.client.js';
import type { AwsSecretsManagerOptions } from './secrets-manager.options.js';
import { SECRETS_MANAGER_OPTIONS } from './secrets-manager.options.js';
import { parseSecretArn } from './secret-arn.js';
import type { RotationScheduleOptions } from './rotation-schedule.js';
import { RotationSchedule } from './rotation-schedule.js';
import type { SecretState } from './secret-reader.js';
import { NAMES, SecretReader } from './secret-reader.js';
import { asStored } from './stored-value.js';

const AT = { sourceKind: KIND };

type Results = Map<string, SecretVersion | SecretError>;

/** What a test may set. */
export type TestHooks = Partial<RotationScheduleOptions>;

/**
 * The secrets of AWS Secrets Manager. Text that holds a JSON object or array is that; other text stays text; a binary secret is bytes. Versions are
 * AWS's version IDs, so that a stage that moves to a version with the same ID is no rotation.
 */
export class AwsSecretsManagerSource implements SecretSource {
  readonly kind = KIND;
  /** Whether the document may be absent. */
  readonly optional: boolean;
  /** Where a prefix or a document bounds what there is: a whole account is never read. */
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly #api: SecretsManagerApi;
  readonly #reader: SecretReader;
  readonly #names: Names;
  readonly #document: string | undefined;
  readonly #stage: string;
  readonly #json: boolean;
  readonly #observers: SourceObservers;
  readonly #region: string | undefined;
  readonly #schedule: RotationSchedule | undefined;
  /** Whose names these are: an ARN of another account is another secret. */
  #account: string | undefined;

  /** Begins to load the SDK. Throws SecretConfigurationError for options that can't be meant. */
  constructor(given?: AwsSecretsManagerOptions, hooks: TestHooks = {}) {
    const rules = { hints: AWS_HINTS, details: AT };
    const options = ownOptions(given, SECRETS_MANAGER_OPTIONS, 'awsSecretsManager', rules);
    const {
      prefix = '',
      document,
      optional,
      versionStage = 'AWSCURRENT',
      json = true,
      followRotation = false,
    } = options;
    if (document === '')
      throw new SecretConfigurationError('"document" is the name of a secret.', { sourceKind: KIND });
    checkOptional(optional, document, KIND);
    this.optional = optional ?? false;
    const settings = new AwsSettings(options, KIND, ENDPOINT_VARIABLE);
    this.#names = new Names(prefix);
    this.#document = document === undefined ? undefined : this.#names.full(document);
    this.#stage = versionStage;
    this.#json = json;
    this.#observers = settings.observers;
    this.#region = settings.region;
    this.#account = settings.assumeRole?.roleArn.split(':')[4] ?? process.env['AWS_ACCOUNT_ID'];
    this.#api = new SecretsManagerApi(settings, options.client);
    this.#reader = new SecretReader(this.#api);
    const { clock = systemClock, random = Math.random, warn = (text) => process.emitWarning(text) } = hooks;
    this.#schedule = followRotation ? new RotationSchedule(this.#api, { clock, random, warn }) : undefined;
    if (document !== undefined) {
      this.readAll = (context) => this.#fields(context);
    } else if (prefix !== '') {
      this.readAll = (context) => this.readPath('', context);
    }
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const full = (name: string): string => this.#names.full(name);
    const usable = usableNames(names, this.#document === undefined ? NAMES : anyRules, results, AT, full);
    if (usable.length === 0) return results;
    if (this.#document !== undefined) {
      const fields = await this.#fields(context);
      for (const name of usable) {
        const field = fields.get(name);
        if (field) results.set(name, field);
      }
      return results;
    }
    const wanted = new Map(usable.map((name) => [name, full(name)] as const));
    const states = await this.#reader.read([...new Set(wanted.values())], this.#stageOf(context), context);
    await Promise.all(
      [...wanted].map(async ([name, id]) => {
        const state = states.get(id);
        if (state === undefined) return;
        results.set(
          name,
          isSecretError(state) ? state.located({ secretName: name }) : await this.#version(name, id, state, context),
        );
      }),
    );
    return results;
  }

  /** All whose names lie below the path: `app` and `app/` both give `app/db`. With `/` at its beginning the prefix doesn't go before it. */
  async readPath(path: string, context: ReadContext): Promise<Results> {
    const folder = this.#document === undefined ? folderOf(path) : path;
    return this.read(await this.#list(folder, context), context);
  }

  list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return this.#list(prefix ?? '', context);
  }

  /** False for one that is marked for deletion. */
  async exists(name: string, context: ReadContext): Promise<boolean> {
    const isField = this.#document !== undefined;
    const id = this.#names.full(name);
    if (!mayExist(name, isField ? anyRules : NAMES, AT, id)) return false;
    if (isField) return (await this.#fields(context)).has(name);
    try {
      return (await this.#api.describe(id, context)).DeletedDate === undefined;
    } catch (error) {
      if (isMissing(error)) return false;
      if (!isDenied(error)) throw error;
      // Who may read it need not have the right to describe it.
      const state = (await this.#reader.read([id], this.#stageOf(context), context)).get(id);
      if (isSecretError(state)) throw state.located({ secretName: name });
      return state !== undefined;
    }
  }

  /**
   * A new version, which becomes the current one. Text stays text and bytes stay bytes, as the secret has it; objects are stored as JSON; AWS keeps the KMS
   * key. Rejects with SecretNotFoundError where there is no such secret, and with SecretConfigurationError for bytes that a text secret can't hold.
   */
  async write(name: string, value: SecretValue, context: ReadContext): Promise<void> {
    const id = this.#document ?? this.#names.full(name);
    const at = { secretName: name, sourceKind: KIND };
    checkName(name, NAMES, AT, id);
    try {
      const current = (await this.#reader.read([id], { VersionStage: 'AWSCURRENT' }, context)).get(id);
      if (isSecretError(current) && !isDenied(current)) throw current;
      const before = current === undefined || isSecretError(current) ? undefined : current.value;
      if (this.#document !== undefined && before === undefined)
        throw new SecretNotFoundError('the document is not there.', at);
      const next = this.#document === undefined ? value : withField(before!, name, value);
      await this.#api.put({ SecretId: id, ...asStored(next, before) }, context);
    } catch (error) {
      throw isSecretError(error) ? error.located(at) : error;
    }
  }

  describe(name: string): readonly SecretPlace[] {
    const id = this.#document === undefined ? this.#names.full(name) : `${this.#document}, field "${name}"`;
    return [{ source: KIND, name: id, at: this.#api.place }];
  }

  previousVersion(version: string): string | undefined {
    return this.#stage === 'AWSCURRENT' && version !== '' ? 'AWSPREVIOUS' : undefined;
  }

  /** The name of an ARN in our region and account. Which account that is, is learnt from the role, AWS_ACCOUNT_ID, or the first ARN. */
  canonicalName(name: string): string {
    if (this.#document !== undefined) return name;
    const arn = parseSecretArn(name);
    if (!arn) return this.#names.short(this.#names.full(name)) ?? name;
    const region = this.#region ?? process.env['AWS_REGION'];
    this.#account ??= arn.account;
    if (arn.account !== this.#account || (region !== undefined && arn.region !== region)) return name;
    return this.#names.short(arn.name) ?? name;
  }

  /** Says what `allowInsecure` permits: at once, or when the SDK has found its endpoint. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#observers.observe(listener);
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  #stageOf(context: ReadContext): { VersionStage: string } | { version: string } {
    return context.version === undefined ? { VersionStage: this.#stage } : { version: context.version };
  }

  async #version(
    name: string,
    id: string,
    state: SecretState,
    context: ReadContext,
  ): Promise<SecretVersion | SecretError> {
    const { value, version, createdAt } = state;
    const expiresAt = await this.#nextReading(id, version, context);
    const parsed = this.#json ? withJsonParsed(value) : value;
    return entryOrError(name, () => SecretVersion.of(parsed, { version, createdAt, expiresAt }));
  }

  #nextReading(id: string, version: string | undefined, context: ReadContext): Promise<Date | undefined> | undefined {
    return context.version === undefined ? this.#schedule?.nextReading(id, version, context) : undefined;
  }

  /** Rejects where the document is not there, unless it may be absent; a version of it that is not there has no fields. */
  async #fields(context: ReadContext): Promise<Results> {
    const id = this.#document!;
    const state = (await this.#reader.read([id], this.#stageOf(context), context)).get(id);
    if (state === undefined) {
      if (this.optional || context.version !== undefined) return new Map();
      throw documentMissing(id, KIND);
    }
    if (isSecretError(state)) throw state;
    const expiresAt = await this.#nextReading(id, state.version, context);
    return fieldsOf(state.value, { ...state, expiresAt });
  }

  async #list(prefix: string, context: ReadContext): Promise<string[]> {
    const found = new Set<string>();
    if (this.#document !== undefined) {
      for (const name of (await this.#fields(context)).keys()) if (name.startsWith(prefix)) found.add(name);
      return [...found];
    }
    for await (const page of this.#api.names(this.#names.full(prefix), context)) {
      for (const full of page) {
        const name = this.#names.short(full);
        if (name !== undefined) found.add(name);
      }
    }
    return [...found];
  }

  static {
    hideInOutput(AwsSecretsManagerSource.prototype, () => `[secrets ${KIND}]`);
  }
}
