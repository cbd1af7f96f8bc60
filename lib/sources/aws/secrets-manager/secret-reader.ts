import type { SecretError } from '../../../core/errors/index.js';
import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { errorOfCode, isMissing } from '../shared/aws.errors.js';
import { MOST_ATTEMPTS } from '../shared/aws.session.js';
import { Apart, batchesOf, singly } from '../shared/batches.js';
import type { Identities } from '../shared/identities.js';
import { withoutRandom } from '../shared/identities.js';
import { isArn } from '../shared/names.js';
import type { Stored, Take } from '../shared/store.js';
import { BATCH, KIND, type SecretsManagerApi } from './secrets-manager.client.js';

/** A stage, or what may be a stage or a version ID. */
export type Wanted = { readonly VersionStage: string } | { readonly version: string };

interface Answered {
  readonly ARN?: string | undefined;
  readonly Name?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
  readonly CreatedDate?: Date | undefined;
}

const CURRENT = 'AWSCURRENT';
/** What AWS takes in a batch, names of services among them (`rds!cluster-…`): with anything else it may refuse all of it. */
const isUsual = (id: string): boolean =>
  isArn(id)
    ? /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]{1,519}$/.test(id)
    : /^[\w/+=.@!-]{1,512}$/.test(id);

/** Reads secrets by their full names or ARNs, by twenties where that is permitted. What is not found is not handed on. */
export class SecretReader {
  #batchDenied = false;
  readonly #apart = new Apart();

  constructor(
    private readonly api: SecretsManagerApi,
    private readonly identities: Identities,
  ) {}

  async read(ids: readonly string[], wanted: Wanted, context: ReadContext, take: Take): Promise<void> {
    const isCurrent = 'VersionStage' in wanted && wanted.VersionStage === CURRENT;
    const inBatches = isCurrent && !this.#batchDenied && ids.length > 1;
    const together = inBatches ? ids.filter((id) => isUsual(id) && !this.#apart.has(id)) : [];
    const inBatch = new Set(together);
    const alone = ids.filter((id) => !inBatch.has(id));
    // Another account's or region's secret may have the name of one of ours, so an answer to an ARN is told apart only by its ARN.
    const batches = [together.filter(isArn), together.filter((id) => !isArn(id))].flatMap((kind) =>
      batchesOf(kind, BATCH),
    );
    const work = (id: string): Promise<void> => this.#one(id, wanted, context, take);
    const options = { limit: MOST_ATTEMPTS, context, take, work, isUsual };
    const inOne = (batch: readonly string[]): Promise<readonly string[]> =>
      this.#batchDenied ? Promise.resolve(batch) : this.#inOne(batch, context, take);
    const denied = (): void => void (this.#batchDenied = true); // a permission of its own; it is not asked for again
    await Promise.all([this.#apart.read(batches, options, inOne, denied), singly(alone, options)]);
  }

  /** Gives those of which the answer says nothing. */
  async #inOne(ids: readonly string[], context: ReadContext, take: Take): Promise<readonly string[]> {
    const { SecretValues = [], Errors = [] } = await this.api.batch(ids, context);
    const open = new Set(ids);
    const found = (id: string, secret: Answered): void => {
      if (open.delete(id)) take(id, this.#stateOf(id, secret));
    };
    for (const { SecretId, ErrorCode } of Errors) {
      if (!SecretId || !open.delete(SecretId)) continue;
      const error = errorOfCode(ErrorCode, 'BatchGetSecretValue', KIND);
      if (!isMissing(error)) take(SecretId, error);
    }
    for (const secret of SecretValues) {
      const { ARN = '', Name = '' } = secret;
      for (const id of [ARN, Name]) if (isArn(id) === isArn(ids[0]!)) found(id, secret);
    }
    // What is left may lack the random characters of its ARN; a full one of the same looks has been answered by now.
    for (const secret of SecretValues) if (secret.ARN) found(withoutRandom(secret.ARN), secret);
    return [...open];
  }

  async #one(id: string, wanted: Wanted, context: ReadContext, take: Take): Promise<void> {
    const found = await this.#get(id, wanted, context);
    this.#apart.heal(id);
    take(id, this.#stateOf(id, found));
  }

  async #get(id: string, wanted: Wanted, context: ReadContext): Promise<Answered> {
    if ('VersionStage' in wanted) return this.api.get({ SecretId: id, ...wanted }, context);
    const { version } = wanted;
    // Version IDs have 32 to 64 characters, mostly a UUID's; what is as long may be a stage all the same.
    if (version.length >= 32 && version.length <= 64) {
      try {
        return await this.api.get({ SecretId: id, VersionId: version }, context);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return this.api.get({ SecretId: id, VersionStage: version }, context);
  }

  #stateOf(id: string, { ARN, SecretString, SecretBinary, VersionId, CreatedDate }: Answered): Stored | SecretError {
    this.identities.learn(id, ARN);
    const value = SecretString ?? SecretBinary;
    if (value === undefined) return new SecretSourceUnavailableError('AWS gave no value.', { sourceKind: KIND });
    return { value, version: VersionId, createdAt: CreatedDate };
  }

  static {
    hideInOutput(SecretReader.prototype, () => `[secrets ${KIND}]`);
  }
}
