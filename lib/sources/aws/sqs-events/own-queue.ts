import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../../../core/clock.js';
import { sleepOn } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isMissing } from '../shared/aws.errors.js';
import type { EventQueue } from './event-queue.js';
import { isUnknownToSns, type SnsApi } from './sns.client.js';
import type { SqsApi } from './sqs.client.js';
import type { EventTopic } from './sqs-events.options.js';
import { KIND } from './sqs-events.options.js';

/** Milliseconds: for a request; for one at the end, when the app waits for it; and from one sign of life to the next. */
const TIMEOUT = 10_000;
const LAST_TIMEOUT = 2_000;
export const SIGN_OF_LIFE = 5 * 60_000;

/** Tags of a queue: when its replica last said that it lives, and the subscription that is to go with it. */
export const ALIVE_TAG = 'nestjs-hcp-vault-alive';
export const SUBSCRIPTION_TAG = 'nestjs-hcp-vault-subscription';

const ATTRIBUTES = { MessageRetentionPeriod: '300', VisibilityTimeout: '30', ReceiveMessageWaitTimeSeconds: '20' };

export interface OwnQueueOptions {
  readonly sqs: SqsApi;
  readonly sns: SnsApi;
  readonly topic: EventTopic;
  readonly clock: Clock;
}

interface Made {
  readonly name: string;
  url?: string;
  subscription?: string;
}

/** How the names of all replicas' queues for one topic begin. */
export function queueNamesOf({ topicArn, queuePrefix = 'nestjs-hcp-vault' }: EventTopic): string {
  return `${queuePrefix}-${createHash('sha256').update(topicArn).digest('hex').slice(0, 10)}-`;
}

/** A queue of this replica's own, subscribed to the topic: made when it is needed, told to be in use, and deleted at the end. */
export class OwnQueue implements EventQueue {
  #made: Made | undefined;
  /** Events don't reach it, as was found meanwhile. */
  #broken: SecretError | undefined;

  constructor(private readonly options: OwnQueueOptions) {}

  async ready(signal: AbortSignal): Promise<string> {
    const broken = this.#broken;
    this.#broken = undefined;
    if (broken) throw broken;
    const { url, subscription } = this.#made ?? {};
    return url !== undefined && subscription !== undefined ? url : this.#make({ signal, timeout: TIMEOUT });
  }

  /** Another replica has swept it, as this one gave no sign of life, or somebody has deleted it: the next one is another. */
  gone(cause: SecretError): SecretError {
    const left = this.#made?.subscription;
    this.#made = undefined;
    if (left !== undefined) void this.#unsubscribe(left);
    return new SecretSourceUnavailableError('the queue of this replica was deleted: another one is made.', {
      sourceKind: KIND,
      cause,
    });
  }

  /** Gives signs of life, and looks whether the topic still knows the queue, until the signal says stop. Never rejects. */
  async live(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    for (;;) {
      await sleepOn(clock, SIGN_OF_LIFE, signal, false);
      if (signal.aborted) return;
      await this.#sign({ signal, timeout: TIMEOUT }).catch(() => undefined); // who reads the queue sees what is wrong with it
    }
  }

  async end(): Promise<void> {
    const { url, subscription } = this.#made ?? {};
    this.#made = undefined;
    const ended = await Promise.allSettled([
      subscription === undefined ? undefined : this.#unsubscribe(subscription),
      url === undefined ? undefined : this.options.sqs.deleteQueue(url, atTheEnd()),
    ]);
    for (const end of ended) if (end.status === 'rejected' && !isMissing(end.reason)) throw end.reason;
  }

  /** Goes on where it failed before; each step may be repeated. */
  async #make(context: ReadContext): Promise<string> {
    const { sqs, sns, topic } = this.options;
    const made = (this.#made ??= { name: this.#name() });
    const url = (made.url ??= await sqs.create(made.name, ATTRIBUTES, this.#signs(made), context));
    const arn = await sqs.arnOf(url, context);
    await sqs.setPolicy(url, policyOf(arn, topic.topicArn), context);
    made.subscription = await sns.subscribe(topic.topicArn, arn, context).catch((error: unknown) => {
      throw isUnknownToSns(error) ? noTopic(topic, error) : error;
    });
    await sqs.tag(url, this.#signs(made), context);
    return url;
  }

  async #sign(context: ReadContext): Promise<void> {
    const { sqs, sns } = this.options;
    const made = this.#made;
    if (!made?.url || !made.subscription) return;
    await sqs.tag(made.url, this.#signs(made), context);
    if (await sns.isSubscribed(made.subscription, context)) return;
    delete made.subscription;
    this.#broken = new SecretSourceUnavailableError("this replica's subscription was deleted: another one is made.", {
      sourceKind: KIND,
    });
  }

  #signs({ subscription }: Made): Record<string, string> {
    const alive = new Date(this.options.clock.wall()).toISOString();
    return { [ALIVE_TAG]: alive, ...(subscription !== undefined && { [SUBSCRIPTION_TAG]: subscription }) };
  }

  /** Tells people whose it is; 80 characters at most. */
  #name(): string {
    const host = hostname().replace(/[^\w-]/g, '-').slice(0, 25); // prettier-ignore
    return `${queueNamesOf(this.options.topic)}${host}-${randomUUID().slice(0, 8)}`;
  }

  async #unsubscribe(subscription: string): Promise<void> {
    await this.options.sns.unsubscribe(subscription, atTheEnd()).catch(() => undefined); // it tells of nothing, and to nobody
  }
}

const noTopic = ({ topicArn }: EventTopic, cause: unknown): SecretConfigurationError =>
  new SecretConfigurationError(`there is no topic ${topicArn}.`, {
    sourceKind: KIND,
    cause,
    advice: 'Check `from.topicArn`.',
  });

/** Not ended by what ends the rest. */
const atTheEnd = (): ReadContext => ({ signal: AbortSignal.timeout(LAST_TIMEOUT), timeout: LAST_TIMEOUT });

const policyOf = (queueArn: string, topicArn: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    },
  ],
});
