import { backoffDelay } from '../../../core/backoff.js';
import type { Clock } from '../../../core/clock.js';
import { sleepOn } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { isTransient } from '../../../core/errors/transient.js';
import type { AnnouncedChange, ChangeListener } from '../../../core/source/change-listener.js';
import { isMissing } from '../shared/aws.errors.js';
import { awsEventOf } from '../shared/aws-events.js';
import type { EventQueue } from './event-queue.js';
import { RecentEvents } from './recent-events.js';
import type { QueueMessage, SqsApi } from './sqs.client.js';
import { BATCH, HIDDEN } from './sqs.client.js';
import { KIND } from './sqs-events.options.js';

/** Seconds for which SQS holds a request until a message comes, and milliseconds that its answer may take beyond that. */
const LONG_POLL = 20;
const MARGIN = 10_000;
const DELETING = 3_000;
/** No request more than a quiet queue costs. */
const RETRY = { base: 1_000, factor: 2, max: 20_000, least: 200 };
/** Milliseconds of hearing after which the next failure is the first again. */
const STEADY = 60_000;
/** Deletions under way at once: more wait, and so does the next request. */
const MOST_DELETIONS = 4;
/** Milliseconds: an empty answer to a long poll that comes sooner is none of a wait, and the next request waits for that long. */
const AT_ONCE = 1_000;
/** A message this old (ms) that waits where nobody has listened: the reading of all that follows covers it. */
const OLD = 5 * 60_000;

/** What has come out of a queue so far. */
export interface SqsEventCounts {
  /** Messages, copies too. */
  readonly messages: number;
  /** Names and ARNs that were handed on. */
  readonly announced: number;
  /** Messages that are no event at all: they were deleted. */
  readonly malformed: number;
}

export interface QueueReaderOptions {
  readonly sqs: SqsApi;
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly listener: ChangeListener;
}

/** Reads a queue by long polling, hands on what its events say, and deletes them: after that, and not after anything is read, for they are only hints. */
export class QueueReader {
  readonly counts = { messages: 0, announced: 0, malformed: 0 };
  readonly #recent = new RecentEvents();
  readonly #deletions = new Set<Promise<void>>();
  #failure: SecretError | undefined;
  #isHearing = false;
  #hearingSince = Number.POSITIVE_INFINITY;
  #failures = 0;
  /** Of the last deletion that will not do another time either. */
  #undeletable: SecretError | undefined;
  /** Since one of these, no message was deleted. */
  #isRefused = false;
  #hasBegun = false;
  #onBegun!: () => void;
  /** Resolves when it hears for the first time, or is deaf. */
  readonly begun: Promise<void> = new Promise((resolve) => (this.#onBegun = resolve));

  constructor(private readonly options: QueueReaderOptions) {}

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Why it is deaf; undefined while it hears. */
  get failure(): SecretError | undefined {
    return this.#failure;
  }

  /** Resolves when the signal has said stop, and deletions are over. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#lose(error);
        await sleepOn(this.options.clock, this.#delay(), signal, false);
      }
    }
    this.#begun();
    await Promise.all(this.#deletions);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { queue } = this.options;
    const url = await queue.ready(signal);
    // What begins, or begins again, asks at once whether it may.
    const { clock } = this.options;
    const [wait, askedAt] = [this.#isHearing ? LONG_POLL : 0, clock.now()];
    const messages = await this.#receive(url, wait, signal);
    if (wait > 0 && messages.length === 0 && clock.now() - askedAt < AT_ONCE) {
      return sleepOn(clock, AT_ONCE, signal, false);
    }
    this.#handOn(messages);
    const deletion = this.#delete(url, messages);
    if (!this.#isHearing || this.#deletions.size >= MOST_DELETIONS) await deletion;
    const undeletable = this.#undeletable;
    this.#undeletable = undefined;
    if (undeletable) throw undeletable;
    // That there is nothing to delete does not say that it may be deleted now.
    const isRefused = this.#isRefused && messages.length === 0;
    if (isRefused) return sleepOn(clock, HIDDEN * 1_000, signal, false);
    this.#isRefused = false;
    if (!this.#isHearing && messages.length < BATCH) this.#hear();
  }

  async #receive(url: string, wait: number, signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const { sqs, clock } = this.options;
    const limit = wait * 1_000 + MARGIN;
    // Of this request: one that hangs is given up, and not repeated behind our back.
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const cancel = clock.setTimer(end, limit);
    signal.addEventListener('abort', end, { once: true });
    try {
      return await sqs.receive(url, wait, { signal: ended.signal });
    } catch (error) {
      const isLate = ended.signal.aborted && !signal.aborted;
      throw isLate ? new SecretSourceUnavailableError(`no answer of SQS within ${limit / 1000} s.`) : error;
    } finally {
      cancel();
      signal.removeEventListener('abort', end);
    }
  }

  #handOn(messages: readonly QueueMessage[]): void {
    const { listener, clock } = this.options;
    const changes: AnnouncedChange[] = [];
    for (const { body, id, sentAt } of messages) {
      this.counts.messages += 1;
      const event = awsEventOf(body);
      if (!event) this.counts.malformed += 1;
      else if (this.#recent.isNews(event, id, clock.wall())) {
        const isCovered = !this.#isHearing && sentAt !== undefined && sentAt < clock.wall() - OLD;
        if (!isCovered) changes.push(...event.changes);
      }
    }
    this.counts.announced += changes.length;
    if (changes.length > 0) listener(changes);
  }

  #delete(url: string, messages: readonly QueueMessage[]): Promise<void> {
    const handles = messages.flatMap(({ handle }) => handle ?? []);
    if (handles.length === 0) return Promise.resolve();
    // Not ended by the end of reading: what was handed on is not to come again to whoever reads the queue next.
    const context = { signal: AbortSignal.timeout(DELETING), timeout: DELETING };
    const deletion = this.options.sqs
      .delete(url, handles, context)
      .catch((error: unknown) => {
        // What comes again is known by its id.
        if (!isSecretError(error) || isTransient(error) || isMissing(error)) return;
        this.#undeletable = error;
        this.#isRefused = true;
      })
      .finally(() => this.#deletions.delete(deletion));
    this.#deletions.add(deletion);
    return deletion;
  }

  #hear(): void {
    const { listener, clock } = this.options;
    const wasDeaf = this.#failure !== undefined;
    this.#isHearing = true;
    this.#hearingSince = clock.now();
    this.#failure = undefined;
    if (wasDeaf) listener.resumed();
    this.#begun();
  }

  #lose(cause: unknown): void {
    const { queue, listener, clock } = this.options;
    const known = isSecretError(cause)
      ? cause
      : new SecretSourceUnavailableError('reading the queue failed.', { sourceKind: KIND, cause });
    const error = isMissing(known) ? queue.gone(known) : known;
    if (clock.now() - this.#hearingSince >= STEADY) this.#failures = 0;
    this.#failures += 1;
    this.#hearingSince = Number.POSITIVE_INFINITY;
    this.#isHearing = false;
    const isNew = this.#failure === undefined;
    this.#failure = error;
    if (isNew) listener.lost(error);
    this.#begun();
  }

  #begun(): void {
    this.#hasBegun = true;
    this.#onBegun();
  }

  #delay(): number {
    return backoffDelay(this.#failures, RETRY, this.options.random());
  }
}
