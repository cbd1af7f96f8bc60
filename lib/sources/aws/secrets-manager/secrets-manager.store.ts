import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretNotFoundError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import { awsNameOf, isDenied, isMissing } from '../shared/aws.errors.js';
import type { Identities } from '../shared/identities.js';
import { NO_FIELDS } from '../shared/document.js';
import type { AwsStore, Change, Stored, Take } from '../shared/store.js';
import type { RotationSchedule } from './rotation-schedule.js';
import type { Wanted } from './secret-reader.js';
import { SecretReader } from './secret-reader.js';
import { KIND, type SecretsManagerApi } from './secrets-manager.client.js';
import { asStored } from './stored-value.js';
import { isArn } from '../shared/names.js';
import { writeRefusal } from './write-refusal.js';
import { notThere } from '../shared/not-there.js';

export interface SecretsManagerStoreOptions {
  readonly api: SecretsManagerApi;
  /** The stage that is the current one. */
  readonly versionStage: string;
  readonly schedule: RotationSchedule | undefined;
  readonly createsMissing: boolean;
  readonly identities: Identities;
}

/** Secrets Manager, as the ways of names see it. */
export class SecretsManagerStore implements AwsStore {
  readonly kind = KIND;
  readonly newNames = { shape: /^[\w/+=.@-]{1,512}$/, words: 'letters, digits and /_+=.@-, 512 at most' };
  readonly #reader: SecretReader;

  constructor(private readonly options: SecretsManagerStoreOptions) {
    this.#reader = new SecretReader(options.api, options.identities);
  }

  async read(ids: readonly string[], context: ReadContext, take: Take): Promise<void> {
    const { schedule } = this.options;
    if (!schedule || context.version !== undefined) return this.#reader.read(ids, this.#wanted(context), context, take);
    const planned: Promise<void>[] = [];
    await this.#reader.read(ids, this.#wanted(context), context, (id, found) => {
      if (isSecretError(found)) return take(id, found);
      const plan = async (): Promise<void> =>
        take(id, { ...found, expiresAt: await schedule.nextReading(id, found.version, context) });
      planned.push(plan());
    });
    await Promise.all(planned);
  }

  names(beginning: string, context: ReadContext): AsyncIterable<readonly string[]> {
    return this.options.api.names(beginning, context);
  }

  /** False for one that is marked for deletion. */
  async exists(id: string, context: ReadContext): Promise<boolean> {
    try {
      return (await this.options.api.describe(id, context)).DeletedDate === undefined;
    } catch (error) {
      if (isMissing(error)) return false;
      if (!isDenied(error)) throw error;
      // Who may read it need not have the right to describe it.
      const found = await this.#one(id, this.#wanted(context), context);
      if (isSecretError(found)) throw found;
      return found !== undefined;
    }
  }

  /**
   * A new version, which becomes the current one. Text stays text and bytes stay bytes, as the secret has it; objects are stored as JSON; AWS keeps the KMS
   * key. Rejects with SecretNotFoundError where there is no such secret and none is to be created, with SecretSourceReadOnlyError for one that a service
   * of AWS's manages and for a replica, and with SecretConfigurationError for bytes that a text secret can't hold.
   */
  async write(id: string, change: Change, context: WriteContext): Promise<void> {
    const current = await this.#one(id, { VersionStage: 'AWSCURRENT' }, context);
    if (isSecretError(current) && !isDenied(current)) throw current;
    const before = current === undefined || isSecretError(current) ? undefined : current.value;
    const { create = false } = context;
    const isMissing = 'of' in change && before === undefined;
    if (isMissing && !(create && current === undefined)) throw new SecretNotFoundError('the document is not there.');
    const next = 'of' in change ? change.of(before ?? NO_FIELDS) : change.value;
    const { api, createsMissing } = this.options;
    const stored = asStored(next, before);
    try {
      await api.put({ SecretId: id, ...stored }, context);
    } catch (error) {
      if (awsNameOf(error) !== 'ResourceNotFoundException') throw await writeRefusal(api, id, error, context);
      const mayCreate = create || (createsMissing && !('of' in change));
      if (!mayCreate || isArn(id)) throw notThere((error as SecretError).cause, KIND);
      await api.create({ Name: id, ...stored }, context);
    }
  }

  async #one(id: string, wanted: Wanted, context: ReadContext): Promise<Stored | SecretError | undefined> {
    let one: Stored | SecretError | undefined;
    await this.#reader.read([id], wanted, context, (_, found) => (one = found));
    return one;
  }

  #wanted({ version }: ReadContext): Wanted {
    return version === undefined ? { VersionStage: this.options.versionStage } : { version };
  }

  static {
    hideInOutput(SecretsManagerStore.prototype, () => `[secrets ${KIND}]`);
  }
}
