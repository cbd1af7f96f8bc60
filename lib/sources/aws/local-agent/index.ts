import type { AwsLocalAgentOptions } from './local-agent.options.js';
import { AwsLocalAgentSource } from './local-agent.source.js';

export type { AwsLocalAgentOptions } from './local-agent.options.js';
export { AwsLocalAgentSource } from './local-agent.source.js';

/**
 * What an agent on this machine has of AWS: the AWS Secrets Manager Agent, or Lambda's extension for parameters and secrets. Needs no SDK, and only reads.
 * Throws SecretConfigurationError for options that can't be meant. See {@link AwsLocalAgentSource} for the shapes of values.
 */
export const awsLocalAgent = (options?: AwsLocalAgentOptions): AwsLocalAgentSource => new AwsLocalAgentSource(options);
