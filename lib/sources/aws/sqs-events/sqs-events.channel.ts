import type { Clock } from '../../../core/clock.js';
import { systemClock } from '../../../core/clock.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { AnnouncedChange, ChangeListener } from '../../../core/source/change-listener.js';
import type { CloseChannel, OpenContext, PushChannel } from '../../../core/source/push-channel.js';
import { AWS_HINTS } from '../shared/aws.options.js';
import { AwsSettings } from '../shared/aws.settings.js';
import { AbandonedQueues } from './abandoned-queues.js';
import type { EventQueue } from './event-queue.js';
import { GivenQueue } from './given-queue.js';
import { OwnQueue } from './own-queue.js';
import type { SqsEventCounts } from './queue-reader.js';
import { QueueReader } from './queue-reader.js';
import { SnsApi } from './sns.client.js';
import { SqsApi } from './sqs.client.js';
import type { EventTopic, SqsEventsOptions } from './sqs-events.options.js';
import { KIND, regionOf, SQS_EVENTS_OPTIONS } from './sqs-events.options.js';

/** What a test may set. */
export interface TestHooks {
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** A queue that is read, for all who listen. */
interface Reading {
  readonly reader: QueueReader;
  readonly listeners: Set<ChangeListener>;
  /** Ends the reading and what belongs to it; rejects where that is not all ended. */
  end(): Promise<void>;
}

/** Events of Secrets Manager and Parameter Store, from SQS; see `sqsEvents`. Several connections may share one: a message comes out of a queue once. */
export class SqsEvents implements PushChannel {
  readonly kind = KIND;
  readonly #queueUrl: string;
  readonly #from: EventTopic | undefined;
  readonly #settings: AwsSettings;
  readonly #topicSettings: AwsSettings | undefined;
  readonly #clock: Clock;
  readonly #random: () => number;
  #reading: Reading | undefined;

  /** Throws SecretConfigurationError for options that can't be meant. */
  constructor(given: SqsEventsOptions, { clock = systemClock, random = Math.random }: TestHooks = {}) {
    const rules = { hints: AWS_HINTS, details: { sourceKind: KIND } };
    const options = ownOptions(given, SQS_EVENTS_OPTIONS, 'sqsEvents', rules);
    const region = options.region ?? regionOf(options);
    const { from, queueUrl = '' } = options;
    this.#queueUrl = queueUrl;
    this.#from = from;
    this.#settings = new AwsSettings({ ...options, region }, KIND, 'AWS_ENDPOINT_URL_SQS');
    this.#topicSettings =
      from && new AwsSettings({ ...options, region, endpoint: from.endpoint }, KIND, 'AWS_ENDPOINT_URL_SNS');
    this.#clock = clock;
    this.#random = random;
  }

  /** What has come out of the queue since it was opened, for metrics of one's own. */
  get counts(): SqsEventCounts {
    return { ...(this.#reading?.reader.counts ?? { messages: 0, announced: 0, malformed: 0 }) };
  }

  /** Loads the SDK, and begins to read. Resolves when it hears, or is deaf, which the listener is told. */
  async open(listener: ChangeListener, context?: OpenContext): Promise<CloseChannel> {
    const reading = (this.#reading ??= this.#begin());
    const { reader, listeners } = reading;
    const isLate = reader.hasBegun;
    listeners.add(listener);
    let left: Promise<void> | undefined;
    const leave = (): Promise<void> => (left ??= this.#leave(reading, listener));
    const abandon = (): void => void leave().catch(() => undefined);
    context?.signal.addEventListener('abort', abandon, { once: true });
    if (context?.signal.aborted) abandon();
    await reader.begun;
    context?.signal.removeEventListener('abort', abandon);
    if (isLate && reader.failure) listener.lost(reader.failure); // who joins others has not heard of it
    return leave;
  }

  async #leave(reading: Reading, listener: ChangeListener): Promise<void> {
    reading.listeners.delete(listener);
    if (reading.listeners.size > 0) return;
    if (this.#reading === reading) this.#reading = undefined;
    await reading.end();
  }

  #begin(): Reading {
    const [clock, random] = [this.#clock, this.#random];
    const listeners = new Set<ChangeListener>();
    const sqs = new SqsApi(this.#settings);
    const sns = this.#topicSettings && new SnsApi(this.#topicSettings);
    const from = this.#from;
    const ending = new AbortController();
    const { queue, others } = from && sns ? this.#own(from, sqs, sns, ending.signal) : given(this.#queueUrl);
    const reader = new QueueReader({ sqs, queue, clock, random, listener: toAll(listeners) });
    const running = [reader.run(ending.signal), ...others];
    const end = async (): Promise<void> => {
      ending.abort();
      await Promise.all(running);
      try {
        await queue.end();
      } finally {
        await Promise.all([sqs.close(), sns?.close()]);
      }
    };
    return { reader, listeners, end };
  }

  #own(topic: EventTopic, sqs: SqsApi, sns: SnsApi, signal: AbortSignal): Parts {
    const [clock, random] = [this.#clock, this.#random];
    const queue = new OwnQueue({ sqs, sns, topic, clock });
    const abandoned = new AbandonedQueues({ sqs, sns, topic, clock, random });
    return { queue, others: [queue.live(signal), abandoned.sweep(signal)] };
  }

  static {
    hideInOutput(SqsEvents.prototype, () => `[secrets ${KIND}]`);
  }
}

interface Parts {
  readonly queue: EventQueue;
  /** What goes on beside the reading. */
  readonly others: readonly Promise<void>[];
}

const given = (queueUrl: string): Parts => ({ queue: new GivenQueue(queueUrl), others: [] });

/** One listener for all of them: what one throws keeps nothing from the others. */
function toAll(listeners: ReadonlySet<ChangeListener>): ChangeListener {
  const each = (work: (listener: ChangeListener) => void): void => {
    for (const listener of [...listeners]) {
      try {
        work(listener);
      } catch {
        // A listener never throws, as is written; whoever breaks that hears what comes next all the same.
      }
    }
  };
  return Object.assign((changes?: readonly AnnouncedChange[]) => each((listener) => listener(changes)), {
    lost: (cause: unknown) => each((listener) => listener.lost(cause)),
    resumed: () => each((listener) => listener.resumed()),
  });
}
