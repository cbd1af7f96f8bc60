import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isSecretError, SecretValidationError, type SecretError } from '../errors/index.js';
import { FieldPath } from '../secret/field-path.js';
import { deepFreeze } from '../secret/secret-value.js';
import type { CacheEntry } from './cache-entry.js';

/** What the cache keeps of a value, and what it hands on. Either may be async. */
export interface CacheHook {
  put?(name: string, value: unknown): unknown;
  get?(name: string, stored: unknown): unknown;
}

export interface IntakeOptions {
  readonly hook?: CacheHook | undefined;
  readonly schema?: Readonly<Record<string, StandardSchemaV1>> | undefined;
  readonly connection: string;
}

export type Taken = { readonly value: unknown } | { readonly refused: SecretError };

/** The way of a value into the cache: hook, schema, the fields that consumers need. What fails on the way is refused, with an error that quotes nothing. */
export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  take(entry: CacheEntry, value: unknown): Taken | Promise<Taken> {
    const { hook, schema } = this.options;
    const standard = schema && Object.hasOwn(schema, entry.name) ? schema[entry.name] : undefined;
    if (!hook && !standard) return this.#check(entry, value);
    return this.#throughHookAndSchema(entry, value, standard);
  }

  async #throughHookAndSchema(entry: CacheEntry, value: unknown, schema: StandardSchemaV1 | undefined): Promise<Taken> {
    const { hook } = this.options;
    // Hooks and schemas get a copy of their own: some libraries transform what they are given in place, which a frozen value would not take.
    let current = typeof value === 'object' && value !== null ? structuredClone(value) : value;
    try {
      if (hook?.put) current = await hook.put(entry.name, current);
      if (hook?.get) current = await hook.get(entry.name, current);
    } catch (error) {
      return { refused: this.#error(entry, 'a cache hook threw.', error, []) };
    }
    if (!schema) return this.#check(entry, deepFreeze(current));
    const { vendor, validate } = schema['~standard'];
    try {
      const result = await validate(current);
      if (!result.issues) return this.#check(entry, deepFreeze(result.value));
      const issues = result.issues.map(({ path }) => ({ path: pathText(path), vendor }));
      const places = [...new Set(issues.map(({ path }) => path))].join(', ');
      return { refused: this.#error(entry, `refused by its ${vendor} schema at: ${places}.`, undefined, issues) };
    } catch (error) {
      return { refused: this.#error(entry, `its ${vendor} schema threw.`, error, []) };
    }
  }

  #check(entry: CacheEntry, value: unknown): Taken {
    for (const field of entry.requiredFields) {
      try {
        FieldPath.parse(field).resolve(value, entry.name);
      } catch (error) {
        if (isSecretError(error)) return { refused: error.located({ connection: this.options.connection }) };
        throw error;
      }
    }
    return { value };
  }

  #error(
    entry: CacheEntry,
    reason: string,
    cause: unknown,
    issues: readonly { path: string; vendor: string }[],
  ): SecretError {
    const { connection } = this.options;
    return new SecretValidationError(reason, { secretName: entry.name, connection, cause, issues });
  }
}

/** A path as text: `hosts.0.name`; keys come from the schema or the value’s structure, and are no values. */
function pathText(path: StandardSchemaV1.Issue['path']): string {
  if (!path || path.length === 0) return '(the whole value)';
  return path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
}
