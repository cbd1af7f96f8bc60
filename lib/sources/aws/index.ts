// The public promise of `nestjs-hcp-vault/aws`. Importing it loads no SDK: a source that is made does.
export { awsSecretsManager } from './secrets-manager/index.js';
export type { AwsSecretsManagerOptions, AwsSecretsManagerSource } from './secrets-manager/index.js';
export { awsParameterStore } from './parameter-store/index.js';
export type { AwsParameterStoreOptions, AwsParameterStoreSource } from './parameter-store/index.js';
export { awsLocalAgent } from './local-agent/index.js';
export type { AwsLocalAgentOptions, AwsLocalAgentSource } from './local-agent/index.js';
export { sqsEvents } from './sqs-events/index.js';
export type { EventTopic, SqsEventCounts, SqsEvents, SqsEventsOptions } from './sqs-events/index.js';
export { awsCredentialsProvider } from './shared/credentials-provider.js';
export type { AwsCredentialsProviderOptions, CredentialsRef } from './shared/credentials-provider.js';
export type {
  AssumeRoleOptions,
  AwsConnectionOptions,
  AwsCredentials,
  AwsCredentialsProvider,
  AwsNamingOptions,
  AwsSdkClient,
  RoleSessionOptions,
} from './shared/aws.options.js';
