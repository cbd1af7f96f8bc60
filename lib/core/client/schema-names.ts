import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SecretError } from '../errors/index.js';
import { printable } from '../errors/printable.js';
import { didYouMean, nearNames, SearchEffort } from '../options/near-names.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { SecretSource } from '../source/secret-source.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';

/** The names in the option `schema`, and in `perSecret`, held against what the app asks for. */
export class SchemaNames {
  constructor(
    private readonly schema: Readonly<Record<string, StandardSchemaV1>> | undefined,
    private readonly secrets: TrackedSecrets,
    private readonly log: ConnectionLog,
    private readonly source: Pick<SecretSource, 'kind' | 'describe'>,
    /** Those with times of their own. */
    private readonly perSecret: Iterable<string> = [],
  ) {}

  /** Why values of such secrets were refused; required or not, what is checked is not to be silently absent. */
  refusals(): SecretError[] {
    const { schema } = this;
    if (schema === undefined) return [];
    return [...this.secrets].flatMap(({ name, failure }) =>
      failure?.error.code === 'SECRET_VALIDATION' && Object.hasOwn(schema, name)
        ? [failure.error.located({ secretName: name })]
        : [],
    );
  }

  /** Rejects with SecretBootstrapError for what the start has read after the first load, as the app was made. */
  async check(): Promise<void> {
    const refusals = this.refusals();
    if (refusals.length === 0) return;
    const { StartReport } = await import('./start-report.js');
    const report = new StartReport(this.source, this.log.connection);
    for (const error of refusals) report.add(error);
    throw report.toError([]);
  }

  /** Tells of names that nobody has asked for, with the near ones that somebody has: a misspelt name checks nothing, and times nothing. */
  warnOfUnasked(): void {
    const effort = new SearchEffort();
    this.#warnOf(Object.keys(this.schema ?? {}), 'Option "schema" has a schema', effort);
    this.#warnOf(this.perSecret, 'Option "perSecret" has times', effort);
  }

  #warnOf(names: Iterable<string>, says: string, effort: SearchEffort): void {
    const { log, secrets } = this;
    let asked: Set<string> | undefined;
    for (const name of names) {
      asked ??= new Set([...secrets].map((secret) => secret.name));
      if (asked.has(name) || secrets.find(name)) continue;
      const near = didYouMean(nearNames(name, asked, effort));
      log.warn(
        `${says} for "${printable(name)}" (connection "${log.connection}"), which nothing has asked for so far.${near}`,
      );
    }
  }
}
