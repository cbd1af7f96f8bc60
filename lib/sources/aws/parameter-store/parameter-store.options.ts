import type { OptionKinds } from '../../../core/options/option-kinds.js';
import type { AwsConnectionOptions, AwsNamingOptions } from '../shared/aws.options.js';
import { AWS_CONNECTION_OPTIONS, AWS_NAMING_OPTIONS } from '../shared/aws.options.js';

interface ParameterStoreOptions {
  /** A folder that goes before names (and before `prefix`), e.g. `/prod/app/`. @default '' */
  readonly path?: string | undefined;
  /** False gives SecureStrings as AWS stores them. @default true */
  readonly withDecryption?: boolean | undefined;
}

export type AwsParameterStoreOptions = AwsConnectionOptions & AwsNamingOptions & ParameterStoreOptions;

export const PARAMETER_STORE_OPTIONS: OptionKinds<AwsParameterStoreOptions> = {
  ...AWS_CONNECTION_OPTIONS,
  ...AWS_NAMING_OPTIONS,
  path: 'text',
  withDecryption: 'boolean',
};
