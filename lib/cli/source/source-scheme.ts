import type { SecretSource } from '../../core/source/secret-source.js';
import type { ParameterKinds, SourceSpec } from './source-spec.js';

/** One backend of the command line. Throws UsageError for a spec that can't be meant, SecretConfigurationError where the source refuses it. */
export type OpenSource = (spec: SourceSpec, environment: NodeJS.ProcessEnv, use: SourceUse) => SecretSource;

/**
 * What a source is opened for: to ask its backend; to be copied to, where a document that is not there yet is the usual case; or only to say where it
 * would look, which needs no login.
 */
export type SourceUse = 'ask' | 'fill' | 'describe';

/** The option `optional` of a source with a document: as it is given, else on for a document that is to be filled. */
export function mayBeAbsent(
  given: boolean | undefined,
  document: unknown,
  use: SourceUse,
): { readonly optional?: boolean } {
  const optional = given ?? (use === 'fill' && document !== undefined ? true : undefined);
  return optional === undefined ? {} : { optional };
}

/** As the list of them has it. */
export interface SourceScheme {
  readonly name: string;
  /** What follows the colon. */
  readonly form: string;
  /** What may follow the question mark. */
  readonly parameters: ParameterKinds;
  /** Where its credentials come from. */
  readonly credentials?: string;
  /** Loaded when it is named: each brings its own source. */
  readonly load: () => Promise<OpenSource>;
}
