import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretNotFoundError, SecretSourceReadOnlyError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import { isDenied } from '../shared/aws.errors.js';
import { NO_FIELDS } from '../shared/document.js';
import type { Identities } from '../shared/identities.js';
import type { AwsStore, Change, Stored, Take } from '../shared/store.js';
import { selectorRefusal } from './parameter.js';
import { ParameterReader } from './parameter-reader.js';
import { BATCH, KIND, type ParameterStoreApi } from './parameter-store.client.js';
import { writeParameter } from './parameter-writer.js';

export interface ParameterStoreStoreOptions {
  readonly api: ParameterStoreApi;
  readonly withDecryption: boolean;
  readonly createsMissing: boolean;
  readonly identities: Identities;
}

type Page = readonly { readonly Name?: string | undefined }[];

/** Pages of descriptions after which it is clear which way of listing takes fewer requests. */
const ENOUGH = 3;
/** AWS's public parameters: they can be read below a path, and are described nowhere. */
const PUBLIC = '/aws/service/';

/** Parameter Store, as the ways of names see it. */
export class ParameterStore implements AwsStore {
  readonly kind = KIND;
  readonly newNames = {
    shape: /^(?!\/?(?:aws|ssm))(?:[\w.-]+|(?:\/[\w.-]+){1,15})$/i,
    words: 'letters, digits, _.- and, where they begin with one, slashes; none begins with aws or ssm',
  };
  readonly #reader: ParameterReader;

  constructor(private readonly options: ParameterStoreStoreOptions) {
    this.#reader = new ParameterReader(options.api, options.withDecryption, options.identities);
  }

  read(ids: readonly string[], context: ReadContext, take: Take): Promise<void> {
    return this.#reader.read(ids, context, take);
  }

  async *names(beginning: string, context: ReadContext): AsyncGenerator<readonly string[]> {
    if (!/^[\w./-]*$/.test(beginning)) return; // no parameter's name begins so, and AWS refuses the filter
    for await (const page of this.#pages(beginning, context)) {
      yield page.flatMap(({ Name }) => (Name === undefined ? [] : [Name]));
    }
  }

  /** True for a parameter, and for a folder that holds one. */
  async exists(id: string, context: ReadContext): Promise<boolean> {
    const found = await this.#one(id, context);
    if (isSecretError(found)) throw found;
    if (found || !id.startsWith('/')) return found !== undefined;
    if (!/^[\w./-]*(?<!\/)$/.test(id)) return false;
    try {
      for await (const page of this.options.api.below(id, false, context)) if (page.length > 0) return true;
    } catch (error) {
      if (!isDenied(error)) throw error; // without that right, only parameters exist
    }
    return false;
  }

  /**
   * A new version, with type, tier, key, policies and description as they are; where missing ones are created, that is as a SecureString. Objects are stored as JSON.
   * Rejects with SecretConfigurationError for bytes, which parameters can't hold, and with SecretSourceReadOnlyError below `/aws/`.
   */
  async write(id: string, change: Change, context: WriteContext): Promise<void> {
    const { api, createsMissing } = this.options;
    const { create = false } = context;
    if (id.startsWith('/aws/')) throw new SecretSourceReadOnlyError('parameters below /aws/ are AWS’s own.');
    const refusal = selectorRefusal(id);
    if (refusal) throw refusal;
    if ('value' in change) return writeParameter(api, id, change.value, context, create || createsMissing);
    const before = await this.#one(id, context);
    if (before === undefined && !create) throw new SecretNotFoundError('the document is not there.');
    if (isSecretError(before)) throw before;
    await writeParameter(api, id, change.of(before?.value ?? NO_FIELDS), context, create);
  }

  async #one(id: string, context: ReadContext): Promise<Stored | SecretError | undefined> {
    let one: Stored | SecretError | undefined;
    await this.#reader.read([id], context, (_, found) => (one = found));
    return one;
  }

  async *#pages(beginning: string, context: ReadContext): AsyncGenerator<Page> {
    const { api } = this.options;
    const folder = beginning.slice(0, beginning.lastIndexOf('/') + 1).replace(/\/$/, '');
    // Values come encrypted, and are not looked at.
    if (beginning.startsWith(PUBLIC)) {
      yield* api.below(folder, false, context);
      return;
    }
    try {
      let pages = 0;
      let found = 0;
      for await (const { page, isLast } of api.described(filterFor(beginning, folder), context)) {
        yield page;
        pages += 1;
        found += page.length;
        if (isLast || !folder || pages !== ENOUGH || found >= pages * BATCH) continue;
        // A small folder of a large account: these pages are mostly of others, of which there may be thousands.
        if (yield* this.#permitted(api.below(folder, false, context))) return;
      }
    } catch (error) {
      if (!isDenied(error) || !folder) throw error;
      // Who may read a path need not have the right to describe.
      yield* api.below(folder, false, context);
    }
  }

  /** True where all pages were given, false where that is not permitted. */
  async *#permitted(pages: AsyncIterable<Page>): AsyncGenerator<Page, boolean> {
    try {
      yield* pages;
      return true;
    } catch (error) {
      if (!isDenied(error)) throw error;
      return false;
    }
  }

  static {
    hideInOutput(ParameterStore.prototype, () => `[secrets ${KIND}]`);
  }
}

function filterFor(beginning: string, folder: string): ParameterStringFilter | undefined {
  if (folder) return { Key: 'Path', Option: 'Recursive', Values: [folder] };
  return beginning === '' || beginning === '/' ? undefined : { Key: 'Name', Option: 'BeginsWith', Values: [beginning] };
}
