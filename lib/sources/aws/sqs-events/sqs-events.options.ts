import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { group, needed } from '../../../core/options/option-kinds.js';
import type { AwsConnectionOptions } from '../shared/aws.options.js';
import { AWS_CONNECTION_OPTIONS } from '../shared/aws.options.js';

export const KIND = 'sqs-events';

/** A topic that a queue of this replica's own is subscribed to. */
export interface EventTopic {
  /** The topic's ARN; the queue is made in its region. */
  readonly topicArn: string;
  /** Begins the queue's name, for the IAM policy; letters, digits, `-` and `_`, 30 of them at most. @default 'nestjs-hcp-vault' */
  readonly queuePrefix?: string | undefined;
  /** Of SNS, as a URL. @default AWS_ENDPOINT_URL_SNS, else AWS_ENDPOINT_URL, else that of the region */
  readonly endpoint?: string | undefined;
}

/** How to reach AWS: as the sources do, but for a client of one's own. `endpoint` is that of SQS, by default AWS_ENDPOINT_URL_SQS. */
type Connection = Omit<Extract<AwsConnectionOptions, { readonly client?: undefined }>, 'client'>;

interface OfQueue extends Connection {
  /** A queue that only this replica reads: SQS gives each message to one reader. */
  readonly queueUrl: string;
  readonly from?: undefined;
}

interface OfTopic extends Connection {
  readonly queueUrl?: undefined;
  /** A topic; each replica gets a queue of its own, which it deletes when it closes. */
  readonly from: EventTopic;
}

export type SqsEventsOptions = OfQueue | OfTopic;

const { client: _, ...CONNECTION } = AWS_CONNECTION_OPTIONS;

export const SQS_EVENTS_OPTIONS: OptionKinds<SqsEventsOptions> = {
  ...CONNECTION,
  queueUrl: 'text',
  from: group<EventTopic>({ topicArn: needed('text'), queuePrefix: 'text', endpoint: 'text' }),
};

const TOPIC = /^arn:[\w-]+:sns:([\w-]+):\d{12}:[\w-]{1,256}$/;
const PREFIX = /^[\w-]{1,30}$/;
/** `https://sqs.eu-west-1.amazonaws.com/123456789012/name`. */
const QUEUE_HOST = /^sqs(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

/** Throws SecretConfigurationError for what can't be meant. Gives the region of the queue or topic, as far as its address tells it. */
export function regionOf({ queueUrl, from }: SqsEventsOptions): string | undefined {
  if ((queueUrl === undefined) === (from === undefined)) throw refused('takes one of `queueUrl` and `from`.');
  if (from) {
    const { topicArn, queuePrefix } = from;
    const [, region] = TOPIC.exec(topicArn) ?? [];
    if (region === undefined) {
      throw refused(
        'needs as `from.topicArn` the ARN of a standard topic, as in arn:aws:sns:eu-west-1:123456789012:NAME.',
      );
    }
    if (queuePrefix === undefined || PREFIX.test(queuePrefix)) return region;
    throw refused('takes as `from.queuePrefix` up to 30 letters, digits, `-` and `_`.');
  }
  const url = URL.canParse(queueUrl) ? new URL(queueUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname.length < 2 || url.username || url.password) {
    throw refused(
      'needs as `queueUrl` the URL of a queue, as in https://sqs.eu-west-1.amazonaws.com/123456789012/NAME.',
    );
  }
  const [, region] = QUEUE_HOST.exec(url.hostname) ?? [];
  return region;
}

const refused = (what: string): SecretConfigurationError =>
  new SecretConfigurationError(`sqsEvents ${what}`, { sourceKind: KIND });
