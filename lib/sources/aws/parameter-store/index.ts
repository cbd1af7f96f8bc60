import type { AwsParameterStoreOptions } from './parameter-store.options.js';
import { AwsParameterStoreSource } from './parameter-store.source.js';

export type { AwsParameterStoreOptions } from './parameter-store.options.js';
export { AwsParameterStoreSource } from './parameter-store.source.js';

/**
 * The parameters of AWS Systems Manager; needs the package `@aws-sdk/client-ssm`, which is loaded now.
 * Throws SecretConfigurationError for options that can't be meant. See {@link AwsParameterStoreSource} for the shapes of values.
 */
export const awsParameterStore = (options?: AwsParameterStoreOptions): AwsParameterStoreSource =>
  new AwsParameterStoreSource(options);
