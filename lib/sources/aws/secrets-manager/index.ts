import type { AwsSecretsManagerOptions } from './secrets-manager.options.js';
import { AwsSecretsManagerSource } from './secrets-manager.source.js';

export type { AwsSecretsManagerOptions } from './secrets-manager.options.js';
export { AwsSecretsManagerSource } from './secrets-manager.source.js';

/**
 * The secrets of AWS Secrets Manager; needs the package `@aws-sdk/client-secrets-manager`, which is loaded now.
 * Throws SecretConfigurationError for options that can't be meant. See {@link AwsSecretsManagerSource} for the shapes of values.
 */
export const awsSecretsManager = (options?: AwsSecretsManagerOptions): AwsSecretsManagerSource =>
  new AwsSecretsManagerSource(options);
