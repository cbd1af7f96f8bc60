import type { Clock } from '../../../core/clock.js';
import { sleepOn } from '../../../core/clock.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { ALIVE_TAG, queueNamesOf, SIGN_OF_LIFE, SUBSCRIPTION_TAG } from './own-queue.js';
import type { SnsApi } from './sns.client.js';
import type { SqsApi } from './sqs.client.js';
import type { EventTopic } from './sqs-events.options.js';

const MINUTE = 60_000;
const TIMEOUT = 10_000;
/** Milliseconds without a sign of life, as this process has seen it pass: no clock of another machine is compared. */
export const PATIENCE = 2 * SIGN_OF_LIFE + MINUTE;
/** Milliseconds until the first look, at random up to twice that, and from one round to the next. */
const FIRST = MINUTE;
const ROUND = 60 * MINUTE;
/** Of which a round looks at, at random: a fleet that starts together shares the work. */
const MOST = 50;

export interface AbandonedQueuesOptions {
  readonly sqs: SqsApi;
  readonly sns: SnsApi;
  readonly topic: EventTopic;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Queues of replicas that ended without deleting them. One that gives signs of life is never among them; if its replica stood still, that makes another. */
export class AbandonedQueues {
  constructor(private readonly options: AbandonedQueuesOptions) {}

  /** Sweeps until the signal says stop. Never rejects. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.options;
    for (let wait = FIRST * (1 + random()); ; wait = ROUND * (0.5 + random())) {
      await sleepOn(clock, wait, signal, false);
      if (signal.aborted) return;
      await this.#round(signal).catch(() => undefined); // without the permission, or the network, for it: the next round, or replica, may have it
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { sqs, topic, clock, random } = this.options;
    const context = { signal, timeout: TIMEOUT };
    const urls = await sqs.list(queueNamesOf(topic), context);
    const some = urls.length <= MOST ? urls : urls.filter(() => random() < MOST / urls.length);
    const before = new Map<string, string | undefined>();
    for (const url of some) before.set(url, (await this.#tagsOf(url, context))?.[ALIVE_TAG]);
    await sleepOn(clock, PATIENCE, signal, false);
    if (signal.aborted) return;
    for (const [url, sign] of before) {
      const tags = await this.#tagsOf(url, context);
      if (sign !== undefined && tags?.[ALIVE_TAG] === sign) await this.#delete(url, tags[SUBSCRIPTION_TAG], context);
    }
  }

  /** Undefined where it is gone, or not ours to look at. */
  #tagsOf(url: string, context: ReadContext): Promise<Readonly<Record<string, string>> | undefined> {
    return this.options.sqs.tagsOf(url, context).catch(() => undefined);
  }

  /** Another replica may be at it too. */
  async #delete(url: string, subscription: string | undefined, context: ReadContext): Promise<void> {
    const { sqs, sns, topic } = this.options;
    const isOurs = subscription?.startsWith(`${topic.topicArn}:`) === true;
    await sqs.deleteQueue(url, context).catch(() => undefined);
    if (isOurs) await sns.unsubscribe(subscription, context).catch(() => undefined);
  }
}
