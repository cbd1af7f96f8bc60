import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SecretError, SecretValidationIssue } from '../errors/index.js';
import { isSecretError, SecretValidationError } from '../errors/index.js';
import { FieldPath } from '../secret/field-path.js';
import { deepFreeze } from '../secret/secret-value.js';
import type { SecretState } from '../tracking/secret-state.js';
import { refusalOf } from './schema-issues.js';

const PARSING =
  'Give the source `json: true` where it takes that, let the schema parse the text, or correct the value.';

/** What the cache keeps of a value, and what it hands on. Either may be async. */
export interface CacheHook {
  put?(name: string, value: unknown): unknown;
  get?(name: string, stored: unknown): unknown;
}

export interface ValueValidationOptions {
  readonly hook?: CacheHook | undefined;
  readonly schema?: Readonly<Record<string, StandardSchemaV1>> | undefined;
  readonly connection: string;
  readonly sourceKind: string;
}

/** @property by whom: a schema, a hook, or the fields that consumers need. */
export interface Rejected {
  readonly rejected: SecretError;
  readonly by: 'schema' | 'hook' | 'field';
}

export type Validated = { readonly accepted: unknown } | Rejected;

/** The way of a value into the cache: hook, schema, the fields that consumers need. What fails on the way is rejected, with an error that quotes nothing. */
export class ValueValidation {
  constructor(private readonly options: ValueValidationOptions) {}

  validate(state: SecretState, value: unknown): Validated | Promise<Validated> {
    const { hook, schema } = this.options;
    const standard = schema && Object.hasOwn(schema, state.name) ? schema[state.name] : undefined;
    if (!hook && !standard) return this.#check(state, value);
    return this.#throughHookAndSchema(state, value, standard);
  }

  async #throughHookAndSchema(
    state: SecretState,
    value: unknown,
    schema: StandardSchemaV1 | undefined,
  ): Promise<Validated> {
    const { hook } = this.options;
    // Hooks and schemas get a copy of their own: some libraries transform what they are given in place, which a frozen value would not take.
    let current = structuredClone(value);
    try {
      if (hook?.put) current = await hook.put(state.name, current);
      if (hook?.get) current = await hook.get(state.name, current);
    } catch (error) {
      return { rejected: this.#error(state, 'a cache hook threw.', error, []), by: 'hook' };
    }
    if (!schema) return this.#check(state, deepFreeze(current));
    const { vendor, validate } = schema['~standard'];
    try {
      const result = await validate(current);
      if (!result.issues) return this.#check(state, deepFreeze(result.value));
      const { issues, text, textOfJson } = refusalOf(result.issues, schema, current);
      const json = textOfJson === undefined ? '' : ` ${textOfJson.replace(/^t/, 'T')} is text that holds JSON.`;
      const reason = `refused by its ${vendor} schema at: ${text}.${json}`;
      const advice = json === '' ? undefined : PARSING;
      return { rejected: this.#error(state, reason, undefined, issues, advice), by: 'schema' };
    } catch (error) {
      return { rejected: this.#error(state, `its ${vendor} schema threw.`, error, []), by: 'schema' };
    }
  }

  #check(state: SecretState, value: unknown): Validated {
    for (const field of state.requiredFields) {
      try {
        FieldPath.parse(field).resolve(value, state.name);
      } catch (error) {
        if (isSecretError(error)) return { rejected: error.located(this.#where), by: 'field' };
        throw error;
      }
    }
    return { accepted: value };
  }

  #error(
    state: SecretState,
    reason: string,
    cause: unknown,
    issues: readonly SecretValidationIssue[],
    advice?: string,
  ): SecretError {
    return new SecretValidationError(reason, { secretName: state.name, ...this.#where, cause, issues, advice });
  }

  get #where(): { readonly connection: string; readonly sourceKind: string } {
    const { connection, sourceKind } = this.options;
    return { connection, sourceKind };
  }
}
