import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { NameRules } from '../../../core/secret/secret-name.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { errorOfCode, isDenied, isMissing } from '../shared/aws.errors.js';
import { inBatches } from '../shared/batches.js';
import { isArn } from '../shared/names.js';
import { BATCH, KIND, type SecretsManagerApi } from './secrets-manager.client.js';
import { withoutSuffix } from './secret-arn.js';

/** One version of a secret as AWS gives it. */
export interface SecretState {
  readonly value: string | Uint8Array;
  readonly version: string | undefined;
  readonly createdAt: Date | undefined;
}

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

type States = Map<string, SecretState | SecretError>;

const CURRENT = 'AWSCURRENT';
/** Single reads under way at a time: AWS allows thousands a second, the SDK has 50 sockets. */
const SINGLE = 40;

/** What AWS takes in a request, those of services among them (`rds!cluster-…`); with anything else it refuses a batch as a whole. */
export const NAMES: NameRules = {
  place: 'key',
  shape: {
    matches: (id) =>
      isArn(id)
        ? /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]{1,519}$/.test(id)
        : /^[\w/+=.@!-]{1,512}$/.test(id),
    words: 'AWS allows up to 512 letters, digits and / _ + = . @ ! -, or the ARN of a secret',
  },
};

/** Reads secrets by their full names or ARNs, by twenties where that is permitted. What is not found is absent. */
export class SecretReader {
  #batchDenied = false;

  constructor(private readonly api: SecretsManagerApi) {}

  async read(ids: readonly string[], wanted: Wanted, context: ReadContext): Promise<States> {
    const states: States = new Map();
    const current = 'VersionStage' in wanted && wanted.VersionStage === CURRENT;
    if (!current || this.#batchDenied || ids.length === 1) {
      await this.#each(ids, wanted, states, context);
      return states;
    }
    await inBatches(ids, BATCH, (batch) => this.#batch(batch, states, context));
    return states;
  }

  async #batch(ids: readonly string[], states: States, context: ReadContext): Promise<void> {
    try {
      if (!this.#batchDenied) return await this.#inOne(ids, states, context);
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.#batchDenied = true; // a permission of its own; it is not asked for again
    }
    await this.#each(ids, { VersionStage: CURRENT }, states, context);
  }

  async #inOne(ids: readonly string[], states: States, context: ReadContext): Promise<void> {
    const { SecretValues = [], Errors = [] } = await this.api.batch(ids, context);
    const asked = new Set(ids);
    for (const found of SecretValues) {
      for (const spelling of [found.Name, found.ARN, found.ARN && withoutSuffix(found.ARN)]) {
        if (spelling && asked.has(spelling)) states.set(spelling, stateOf(found));
      }
    }
    for (const { SecretId, ErrorCode } of Errors) {
      if (!SecretId || !asked.has(SecretId) || states.has(SecretId)) continue;
      const error = errorOfCode(ErrorCode, 'BatchGetSecretValue', KIND);
      if (!isMissing(error)) states.set(SecretId, error);
    }
  }

  /** One request a secret. An error concerns its secret, unless it would be that of all. */
  async #each(ids: readonly string[], wanted: Wanted, states: States, context: ReadContext): Promise<void> {
    const one = async ([id]: readonly string[]): Promise<void> => {
      try {
        states.set(id!, stateOf(await this.#one(id!, wanted, context)));
      } catch (error) {
        if (isMissing(error)) return;
        // Who refuses our credentials, asks for fewer requests or can't be reached is not asked for the rest.
        if (!isSecretError(error) || ['SECRET_AUTHENTICATION', 'SECRET_THROTTLED'].includes(error.code)) throw error;
        if (context.signal.aborted) throw error;
        states.set(id!, error);
      }
    };
    await inBatches(ids, 1, one, SINGLE);
  }

  async #one(id: string, wanted: Wanted, context: ReadContext): Promise<Answered> {
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

  static {
    hideInOutput(SecretReader.prototype, () => `[secrets ${KIND}]`);
  }
}

function stateOf({ SecretString, SecretBinary, VersionId, CreatedDate }: Answered): SecretState | SecretError {
  const value = SecretString ?? SecretBinary;
  if (value === undefined) return new SecretSourceUnavailableError('AWS gave no value.', { sourceKind: KIND });
  return { value, version: VersionId, createdAt: CreatedDate };
}
