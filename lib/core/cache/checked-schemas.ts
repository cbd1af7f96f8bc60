import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SecretConfigurationError } from '../errors/index.js';
import { ownEntries } from '../options/own-entries.js';

type Schemas = Readonly<Record<string, StandardSchemaV1>>;

const WHAT =
  'A standard schema has a property `~standard`: those of zod, valibot and arktype do, and those of Joi and yup from 18 and 1.7 on.';

/** Schemas by secret, only own properties. Throws SecretConfigurationError for one that is not a standard schema, and for one in place of all. */
export function checkedSchemas(given: Schemas | undefined, taker: string): Schemas | undefined {
  if (given === undefined) return undefined;
  const option = `Option "schema" of ${taker}`;
  if (isStandardSchema(given)) {
    throw new SecretConfigurationError(
      `${option} is one schema for all, and takes one for each secret, by name: hand on its parts, as in \`schema: z.object({ … }).shape\` (zod) or \`.entries\` (valibot).`,
    );
  }
  const schemas = ownEntries(given, option).filter(([, schema]) => schema !== undefined);
  for (const [name, schema] of schemas) {
    if (isStandardSchema(schema)) continue;
    throw new SecretConfigurationError(`${option} has for "${name}" what is not a standard schema. ${WHAT}`);
  }
  return Object.fromEntries(schemas);
}

/** See https://standardschema.dev: an object or a function (arktype's are functions), whose `~standard` may be inherited. */
function isStandardSchema(candidate: unknown): boolean {
  if ((typeof candidate !== 'object' && typeof candidate !== 'function') || candidate === null) return false;
  try {
    const standard = (candidate as Partial<StandardSchemaV1>)['~standard'];
    return typeof standard?.validate === 'function' && typeof standard.vendor === 'string';
  } catch {
    return false; // a foreign getter may throw
  }
}
