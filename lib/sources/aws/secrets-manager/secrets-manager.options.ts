import type { OptionKinds } from '../../../core/options/option-kinds.js';
import type { AwsConnectionOptions, AwsNamingOptions } from '../shared/aws.options.js';
import { AWS_CONNECTION_OPTIONS, AWS_NAMING_OPTIONS } from '../shared/aws.options.js';

interface SecretsManagerOptions {
  /** The stage that is the current one. Another than the default is read one by one, for AWS's batch has no stages. @default 'AWSCURRENT' */
  readonly versionStage?: string | undefined;
  /**
   * Reads a secret also within a minute after its next rotation, as `DescribeSecret` tells it. Without that permission only the interval counts,
   * and a warning says so once. @default false
   */
  readonly followRotation?: boolean | undefined;
}

export type AwsSecretsManagerOptions = AwsConnectionOptions & AwsNamingOptions & SecretsManagerOptions;

export const SECRETS_MANAGER_OPTIONS: OptionKinds<AwsSecretsManagerOptions> = {
  ...AWS_CONNECTION_OPTIONS,
  ...AWS_NAMING_OPTIONS,
  versionStage: 'text',
  followRotation: 'boolean',
};
