import {
  SNSClient,
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { request } from 'undici';
import { ALIVE_TAG, SUBSCRIPTION_TAG } from '../../../lib/sources/aws/sqs-events/own-queue.js';
import { credentials, region } from './aws.js';

const ACCOUNT = '123456789012';

export const secretArn = (name: string): string => `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-AbCdEf`;

let events = 0;
const envelope = (source: string, type: string, detail: object, resources: readonly string[] = []) => ({
  version: '0',
  id: `00000000-0000-0000-0000-${String((events += 1)).padStart(12, '0')}`,
  'detail-type': type,
  source,
  account: ACCOUNT,
  time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  region,
  resources,
  detail,
});

/** Events, as the AWS documentation shows them. */
export const eventOf = {
  label: (name: string, versionId: string, labelUpdated = 'AWSCURRENT', resources: readonly string[] = []) =>
    envelope('aws.secretsmanager', 'Secret Label Updated', { name, labelUpdated, versionId }, resources),
  parameter: (name: string, operation = 'Update') =>
    envelope('aws.ssm', 'Parameter Store Change', { operation, name, type: 'SecureString' }),
  expired: (name: string, policy = 'Expiration') =>
    envelope('aws.ssm', 'Parameter Store Policy Action', { 'parameter-name': name, 'policy-type': policy }),
  call: (eventSource: string, eventName: string, requestParameters: object, responseElements: object = {}, more = {}) =>
    envelope(eventSource.replace('.amazonaws.com', '').replace(/^/, 'aws.'), 'AWS API Call via CloudTrail', {
      eventSource,
      eventName,
      requestParameters,
      responseElements,
      ...more,
    }),
  service: (eventName: string, additionalEventData: object) =>
    envelope('aws.secretsmanager', 'AWS Service Event via CloudTrail', {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      additionalEventData,
    }),
};

export const notification = (message: string) => ({
  Type: 'Notification',
  MessageId: '1',
  TopicArn: `arn:aws:sns:${region}:${ACCOUNT}:secrets`,
  Message: message,
  Timestamp: new Date().toISOString(),
  SignatureVersion: '1',
  Signature: 'x',
  SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/x.pem',
  UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/',
});

/** What an administrator does with queues, topics and rules. */
export function eventsAdministrator(endpoint: string) {
  const sqs = new SQSClient({ endpoint, region, credentials });
  const sns = new SNSClient({ endpoint, region, credentials });
  const eventBridge = async (target: string, body: object): Promise<void> => {
    const answer = await request(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSEvents.${target}`,
        authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260101/${region}/events/aws4_request, SignedHeaders=host, Signature=x`,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${target}: ${answer.statusCode} ${text.slice(0, 200)}`);
  };
  const attribute = async (
    queueUrl: string,
    name: 'QueueArn' | 'ApproximateNumberOfMessages' | 'ApproximateNumberOfMessagesNotVisible' | 'All',
  ) =>
    // prettier-ignore
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] }))).Attributes!;
  return {
    sqs,
    async queue(name: string): Promise<string> {
      return (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl!;
    },
    async queues(prefix: string): Promise<string[]> {
      return (await sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }))).QueueUrls ?? [];
    },
    async tags(queueUrl: string): Promise<Record<string, string>> {
      return (await sqs.send(new ListQueueTagsCommand({ QueueUrl: queueUrl }))).Tags ?? {};
    },
    attributes: (queueUrl: string) => attribute(queueUrl, 'All'),
    /** Messages that are there, given out or not. */
    async left(queueUrl: string): Promise<number> {
      const all = await attribute(queueUrl, 'All');
      return Number(all['ApproximateNumberOfMessages']) + Number(all['ApproximateNumberOfMessagesNotVisible']);
    },
    remove: (queueUrl: string) => sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl })),
    send: (queueUrl: string, body: unknown) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: textOf(body) })),
    async sendMany(queueUrl: string, bodies: readonly unknown[]): Promise<void> {
      for (let from = 0; from < bodies.length; from += 10) {
        const Entries = bodies
          .slice(from, from + 10)
          .map((body, index): SendMessageBatchRequestEntry => ({ Id: String(index), MessageBody: textOf(body) }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
    },
    async topic(name: string): Promise<string> {
      return (await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn!;
    },
    /** What a replica leaves behind that ends without closing: a queue with its tags and its subscription. */
    async abandoned(queueName: string, topicArn: string, alive: string): Promise<string> {
      const QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: queueName }))).QueueUrl!;
      const { QueueArn: Endpoint } = await attribute(QueueUrl, 'QueueArn');
      const { SubscriptionArn = '' } = await sns.send(
        new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint, ReturnSubscriptionArn: true }),
      );
      const Tags = { [ALIVE_TAG]: alive, [SUBSCRIPTION_TAG]: SubscriptionArn };
      await sqs.send(new TagQueueCommand({ QueueUrl, Tags }));
      return QueueUrl;
    },
    publish: (topicArn: string, body: unknown) =>
      sns.send(new PublishCommand({ TopicArn: topicArn, Message: textOf(body) })),
    async subscriptions(topicArn: string) {
      return (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }))).Subscriptions ?? [];
    },
    /** A rule of EventBridge that sends what begins so to the queue. */
    async rule(name: string, prefix: string, queueUrl: string): Promise<void> {
      const { QueueArn } = await attribute(queueUrl, 'QueueArn');
      const pattern = {
        source: ['aws.secretsmanager'],
        'detail-type': ['Secret Label Updated'],
        detail: { labelUpdated: ['AWSCURRENT'], name: [{ prefix }] },
      };
      await eventBridge('PutRule', { Name: name, EventPattern: JSON.stringify(pattern) });
      await eventBridge('PutTargets', { Rule: name, Targets: [{ Id: 'queue', Arn: QueueArn }] });
    },
    /** As Secrets Manager does, which moto's does not. */
    emit: ({ source, detail, resources, ...event }: ReturnType<typeof eventOf.label>) =>
      eventBridge('PutEvents', {
        Entries: [{ Source: source, DetailType: event['detail-type'], Detail: JSON.stringify(detail), Resources: resources }], // prettier-ignore
      }),
    end() {
      sqs.destroy();
      sns.destroy();
    },
  };
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
