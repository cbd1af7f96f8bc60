import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SecretError } from '../errors/index.js';
import { printable } from '../errors/printable.js';
import { didYouMean, nearNames } from '../options/near-names.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { SecretSource } from '../source/secret-source.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { StartReport } from './start-report.js';

/** The names in the option `schema`, held against what the app asks for. */
export class SchemaNames {
  constructor(
    private readonly schema: Readonly<Record<string, StandardSchemaV1>> | undefined,
    private readonly secrets: TrackedSecrets,
    private readonly log: ConnectionLog,
    private readonly source: Pick<SecretSource, 'kind' | 'describe'>,
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

  /** Throws SecretBootstrapError for what the start has read after the first load, as the app was made. */
  check(): void {
    const report = new StartReport(this.source, this.log.connection);
    for (const error of this.refusals()) report.add(error);
    if (!report.isEmpty) throw report.toError([]);
  }

  /** Tells of names that nobody has asked for, with the near ones that somebody has: a misspelt name checks nothing. */
  warnOfUnasked(): void {
    const asked = new Set([...this.secrets].map(({ name }) => name));
    for (const name of Object.keys(this.schema ?? {})) {
      if (asked.has(name) || this.secrets.find(name)) continue;
      const near = didYouMean(nearNames(name, asked));
      this.log.warn(
        `Option "schema" has a schema for "${printable(name)}" (connection "${this.log.connection}"), which nothing has asked for so far.${near}`,
      );
    }
  }
}
