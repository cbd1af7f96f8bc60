import { backoffDelay } from '../../../core/backoff.js';
import type { CancelTimer, Clock } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { askedPause } from '../../../core/errors/transient.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isSilent } from '../../http/index.js';
import type { KubernetesClient, Scope } from '../kubernetes.client.js';
import { isDenied, isExpired, KIND, recordOf, statusError, statusOf } from '../kubernetes.errors.js';
import type { WatchEvent } from './event-lines.js';
import { pause } from './pause.js';
import { isOlder } from './resource-version.js';
import type { ScopeListener } from './scope-listener.js';
import type { WatchTimes } from './watch-times.js';

export interface ScopeWatchOptions {
  readonly client: KubernetesClient;
  readonly scope: Scope;
  readonly listener: ScopeListener;
  readonly times: WatchTimes;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Milliseconds for a list, and for a watch to begin. */
const TIMEOUT = 15_000;
/** A watch that is over sooner (ms) is begun again more slowly, whatever it has told. */
const BRIEF = 1_000;
/** So often in a row all is listed again without a word, where the server does not know how to go on. */
const MOST_EXPIRED = 2;
/** So often in a row what was permitted before, or is denied by who was just away, is tried again soon: a server that starts does not know yet who may what. */
const MOST_DENIED = 5;
/** Milliseconds. */
const AT_FIRST_DENIED = { base: 4_000, factor: 4, tries: 2 };
/** So many watches in a row say nothing at all, until only what one says shows that it hears: something in between may hold back its lines. */
const MOST_MUTE = 2;

/**
 * Lists a scope, and watches it from that moment on: nothing is lost between. Goes on after a clean end and after a cut from what it has heard last; lists again
 * where the server knows that no more (410), and after silence, as a server whose storage was restored says nothing to who is ahead of it.
 */
export class ScopeWatch {
  readonly #options: ScopeWatchOptions;
  readonly #ended = new AbortController();
  /** From which on to listen; undefined where all has to be listed first. */
  #version: string | undefined;
  /** The newest that was heard of. */
  #last: string | undefined;
  /** In a row. */
  #failures = 0;
  /** Watches in a row that began, and were over too soon. */
  #relapses = 0;
  /** Watches in a row that said nothing until they were given up. */
  #mutes = 0;
  /** The last failure is that of a watch that had begun. */
  #hadBegun = false;
  #isDeaf = false;
  #hasEverBegun = false;
  /** Whether the server may have started just now. */
  #mayBeNew = false;
  /** In a row. */
  #denials = 0;

  constructor(options: ScopeWatchOptions) {
    this.#options = options;
    void this.#run();
  }

  end(): void {
    this.#ended.abort();
  }

  get #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  get #context(): ReadContext {
    return { signal: this.#ended.signal, timeout: TIMEOUT };
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#once();
      } catch (error) {
        if (this.#isOver) return;
        await this.#failed(toSecretError(error));
      }
    }
  }

  async #once(): Promise<void> {
    const { client, scope, listener, times, clock, random } = this.#options;
    if (this.#version === undefined) {
      const { items, version } = await client.list(scope, this.#context);
      if (this.#isOver) return;
      listener.listed(items, version, this.#last !== undefined && isOlder(version, this.#last));
      this.#version = this.#last = version;
    }
    const life = times.life * (0.9 + 0.2 * random());
    // The server ends it by itself; whoever does not, and says just enough to keep it open, is not waited for.
    const overdue = new AbortController();
    const cancel = clock.setTimer(() => overdue.abort(), life + times.silence);
    try {
      const context = { ...this.#context, signal: AbortSignal.any([this.#ended.signal, overdue.signal]) };
      const events = await client.watch(scope, this.#version, life, context);
      if (!this.#isOver) await this.#hear(events, life, overdue.signal);
    } finally {
      cancel();
    }
  }

  /** One that began is believed at once; after others that were over too soon, once it has stood for as long as the pause before it. */
  async #hear(events: AsyncIterable<WatchEvent>, life: number, overdue: AbortSignal): Promise<void> {
    const { listener, times, clock } = this.#options;
    const begunAt = clock.now();
    const enough = Math.min(Math.max(BRIEF, backoffDelay(this.#relapses, times.backoff)), life / 2);
    const hasStood = (): boolean => clock.now() - begunAt >= enough;
    let heard = 0;
    let cancel: CancelTimer = () => undefined;
    this.#hadBegun = this.#hasEverBegun = true;
    this.#denials = 0;
    if (!this.#isDeaf || (this.#relapses === 0 && this.#mutes < MOST_MUTE)) this.#live();
    else {
      listener.broken();
      if (this.#mutes < MOST_MUTE) cancel = clock.setTimer(() => this.#live(), enough);
    }
    try {
      for await (const event of events) {
        if (this.#isOver) return;
        this.#take(event);
        heard += 1;
        if (this.#mutes >= MOST_MUTE) this.#live();
        this.#mutes = 0;
      }
    } catch (error) {
      const isMute = heard === 0 && (isSilent((error as SecretError).cause) || overdue.aborted);
      if (isMute) this.#mutes += 1;
      if (overdue.aborted) this.#version = undefined;
      this.#rate(hasStood() && !isMute);
      throw error;
    } finally {
      cancel();
    }
    this.#rate(hasStood());
    if (this.#relapses === 0) return;
    if (this.#relapses > 1) throw ended();
    listener.broken();
    await this.#pause(this.#backoff((this.#failures += 1)));
  }

  #live(): void {
    if (this.#isOver) return;
    this.#isDeaf = false;
    this.#options.listener.live();
  }

  #rate(isSound: boolean): void {
    this.#relapses = isSound ? 0 : this.#relapses + 1;
    if (isSound) this.#failures = 0;
  }

  #take({ type, object }: WatchEvent): void {
    const { client, scope, listener } = this.#options;
    if (type === 'ERROR') {
      const status = statusOf(object) ?? { reason: '', code: 500, retryAfter: undefined };
      throw statusError(status, { tried: 'watching', verb: 'watch' });
    }
    const { resourceVersion } = recordOf(recordOf(object)['metadata']);
    if (type === 'DELETED') listener.removed(client.secretIn(object, scope));
    else if (type === 'ADDED' || type === 'MODIFIED') listener.changed(client.secretIn(object, scope));
    // What is of a type that is not known yet moves on as a bookmark does.
    if (typeof resourceVersion === 'string' && resourceVersion !== '') this.#version = this.#last = resourceVersion;
  }

  async #failed(error: SecretError): Promise<void> {
    const { listener, times, random } = this.#options;
    this.#failures += 1;
    const isFirst = this.#failures === 1;
    const hadBegun = this.#hadBegun;
    this.#hadBegun = false;
    if (isExpired(error) || isSilent(error.cause)) {
      this.#version = undefined;
      if (isExpired(error) ? this.#relapses <= MOST_EXPIRED : this.#mutes < MOST_MUTE) listener.broken();
      else this.#deafen(error);
      return this.#pause(isFirst ? random() * times.relist : this.#backoff(this.#failures));
    }
    const isAway = error.code === 'SECRET_SOURCE_UNAVAILABLE';
    if (isAway) [this.#mayBeNew, this.#denials] = [true, 0];
    if (isDenied(error)) {
      this.#denials += 1;
      if ((this.#hasEverBegun || this.#mayBeNew) && this.#denials <= MOST_DENIED) {
        listener.broken();
        return this.#pause(this.#backoff(this.#denials));
      }
      this.#mayBeNew = false;
    }
    // A connection that is cut is mostly one that can be opened again.
    if (hadBegun && this.#relapses <= 1 && isAway) listener.broken();
    else this.#deafen(error);
    await this.#pause(this.#delay(error));
  }

  #deafen(error: SecretError): void {
    this.#isDeaf = true;
    this.#options.listener.failed(error);
  }

  #delay(error: SecretError): number {
    const { times, random } = this.#options;
    const delay = this.#backoff(this.#failures);
    if (isDenied(error)) {
      // What was permitted once is asked for again more and more slowly; what never was, twice before long, as the server may have started just now.
      if (!this.#hasEverBegun && this.#denials > AT_FIRST_DENIED.tries) return times.denied;
      const policy = this.#hasEverBegun ? times.backoff : AT_FIRST_DENIED;
      return backoffDelay(this.#denials, { ...policy, max: times.denied }, random());
    }
    if (error.code === 'SECRET_AUTHENTICATION') return Math.min(times.refused, delay);
    return Math.max(delay, askedPause(error) ?? 0);
  }

  #backoff(failures: number): number {
    const { times, random } = this.#options;
    return backoffDelay(failures, times.backoff, random());
  }

  #pause(delay: number): Promise<void> {
    return pause(this.#options.clock, delay, this.#ended.signal);
  }

  static {
    hideInOutput(ScopeWatch.prototype, () => '[secrets watch]');
  }
}

const toSecretError = (error: unknown): SecretError =>
  isSecretError(error)
    ? error
    : new SecretSourceUnavailableError('watching failed.', { sourceKind: KIND, cause: error });

const ended = (): SecretError =>
  new SecretSourceUnavailableError('the watch is ended as soon as it has begun, again and again.', {
    sourceKind: KIND,
  });
