import type * as Sqs from '@aws-sdk/client-sqs';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import type { AwsService } from '../shared/aws.session.js';
import { AwsSession } from '../shared/aws.session.js';
import type { AwsSettings } from '../shared/aws.settings.js';
import { KIND } from './sqs-events.options.js';

type Sdk = typeof Sqs;

const service: AwsService<Sdk, Sqs.SQSClient> = {
  sourceKind: KIND,
  package: '@aws-sdk/client-sqs',
  load: () => import('@aws-sdk/client-sqs'),
  create: (sdk, config) => new sdk.SQSClient(config as Sqs.SQSClientConfig),
};

/** Messages of one answer at most. */
export const BATCH = 10;
/** Seconds for which a message that was given out is given to nobody else. */
export const HIDDEN = 30;

/** A message, as far as it is looked at. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string | undefined;
  /** What it is deleted by. */
  readonly handle: string | undefined;
  /** When SQS took it, in milliseconds since 1970. */
  readonly sentAt: number | undefined;
}

/** SQS's API, as far as it is used. Rejects only with SecretErrors. */
export class SqsApi {
  readonly #session: AwsSession<Sdk, Sqs.SQSClient>;

  constructor(settings: AwsSettings) {
    this.#session = new AwsSession(service, settings, undefined);
  }

  get place(): string {
    return this.#session.place;
  }

  /** @param wait seconds, 20 at most, for a message to come. */
  async receive(queueUrl: string, wait: number, context: ReadContext): Promise<readonly QueueMessage[]> {
    const { Messages = [] } = await this.#session.call('ReceiveMessage', context, (sdk, client, options) =>
      client.send(
        new sdk.ReceiveMessageCommand({
          QueueUrl: queueUrl,
          WaitTimeSeconds: wait,
          MaxNumberOfMessages: BATCH,
          VisibilityTimeout: HIDDEN,
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
        options,
      ),
    );
    return Messages.map(({ MessageId, Body, ReceiptHandle, Attributes }) => ({
      id: MessageId ?? '',
      body: Body,
      handle: ReceiptHandle,
      sentAt: Number(Attributes?.SentTimestamp) || undefined,
    }));
  }

  /** What can't be deleted comes again. */
  async delete(queueUrl: string, handles: readonly string[], context: ReadContext): Promise<void> {
    const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    await this.#session.call('DeleteMessageBatch', context, (sdk, client, options) =>
      client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), options),
    );
  }

  /** Gives the queue's URL. */
  async create(
    name: string,
    attributes: Readonly<Record<string, string>>,
    tags: Readonly<Record<string, string>>,
    context: ReadContext,
  ): Promise<string> {
    const { QueueUrl = '' } = await this.#session.call('CreateQueue', context, (sdk, client, options) =>
      client.send(
        new sdk.CreateQueueCommand({ QueueName: name, Attributes: { ...attributes }, tags: { ...tags } }),
        options,
      ),
    );
    return QueueUrl;
  }

  async arnOf(queueUrl: string, context: ReadContext): Promise<string> {
    const { Attributes } = await this.#session.call('GetQueueAttributes', context, (sdk, client, options) =>
      client.send(new sdk.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }), options),
    );
    return Attributes?.QueueArn ?? '';
  }

  setPolicy(queueUrl: string, policy: object, context: ReadContext): Promise<unknown> {
    const Attributes = { Policy: JSON.stringify(policy) };
    return this.#session.call('SetQueueAttributes', context, (sdk, client, options) =>
      client.send(new sdk.SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes }), options),
    );
  }

  tag(queueUrl: string, tags: Readonly<Record<string, string>>, context: ReadContext): Promise<unknown> {
    return this.#session.call('TagQueue', context, (sdk, client, options) =>
      client.send(new sdk.TagQueueCommand({ QueueUrl: queueUrl, Tags: { ...tags } }), options),
    );
  }

  async tagsOf(queueUrl: string, context: ReadContext): Promise<Readonly<Record<string, string>>> {
    const { Tags = {} } = await this.#session.call('ListQueueTags', context, (sdk, client, options) =>
      client.send(new sdk.ListQueueTagsCommand({ QueueUrl: queueUrl }), options),
    );
    return Tags;
  }

  /** URLs of queues whose name begins so, a thousand at most. */
  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    const { QueueUrls = [] } = await this.#session.call('ListQueues', context, (sdk, client, options) =>
      client.send(new sdk.ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 1_000 }), options),
    );
    return QueueUrls;
  }

  deleteQueue(queueUrl: string, context: ReadContext): Promise<unknown> {
    return this.#session.call('DeleteQueue', context, (sdk, client, options) =>
      client.send(new sdk.DeleteQueueCommand({ QueueUrl: queueUrl }), options),
    );
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  static {
    hideInOutput(SqsApi.prototype, () => `[secrets ${KIND}]`);
  }
}
