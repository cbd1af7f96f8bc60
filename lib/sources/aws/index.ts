// The public promise of `nestjs-hcp-vault/aws`. Importing it loads no SDK: a source that is made does.
export { awsSecretsManager } from '../aws-secrets-manager/index.js';
export type { AwsSecretsManagerOptions, AwsSecretsManagerSource } from '../aws-secrets-manager/index.js';
export { awsParameterStore } from '../aws-parameter-store/index.js';
export type { AwsParameterStoreOptions, AwsParameterStoreSource } from '../aws-parameter-store/index.js';
export { awsCredentialsProvider } from './credentials-provider.js';
export type { AwsCredentialsProviderOptions, CredentialsRef } from './credentials-provider.js';
export type {
  AssumeRoleOptions,
  AwsConnectionOptions,
  AwsCredentials,
  AwsCredentialsProvider,
  AwsNamingOptions,
  AwsSdkClient,
} from './aws.options.js';
