import { SqsEvents } from './sqs-events.channel.js';
import type { SqsEventsOptions } from './sqs-events.options.js';

export { SqsEvents } from './sqs-events.channel.js';
export type { SqsEventCounts } from './queue-reader.js';
export type { EventTopic, SqsEventsOptions } from './sqs-events.options.js';

/**
 * A channel for the option `push`: events that EventBridge sends of secrets of Secrets Manager and parameters of Parameter Store, read from a queue of
 * SQS that only this replica reads, or, with `from`, from one of its own that it subscribes to a topic of SNS. Needs the package `@aws-sdk/client-sqs`,
 * with `from` `@aws-sdk/client-sns` too; both are loaded when the channel opens.
 * Throws SecretConfigurationError for options that can't be meant. What AWS refuses later is told as `channel-lost`, and tried again.
 */
export const sqsEvents = (options: SqsEventsOptions): SqsEvents => new SqsEvents(options);
