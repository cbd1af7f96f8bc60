import { backoffDelay } from '../../../core/backoff.js';
import type { Clock } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { askedPause } from '../../../core/errors/transient.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isSilent } from '../../http/index.js';
import type { StoredSecret } from '../kubernetes.answers.js';
import { secretOf } from '../kubernetes.answers.js';
import type { KubernetesClient, Scope } from '../kubernetes.client.js';
import { isDenied, isExpired, KIND, recordOf, statusError, statusOf } from '../kubernetes.errors.js';
import type { WatchEvent } from './event-lines.js';
import { isOlder } from './resource-version.js';
import type { WatchTimes } from './watch-times.js';

/** What a watch tells. None of these may throw. */
export interface ScopeListener {
  /** All of the scope, as of one moment. @param isReset the server's storage is one of an earlier time: what was heard of it is no longer true. */
  listed(secrets: readonly StoredSecret[], version: string, isReset: boolean): void;
  changed(secret: StoredSecret): void;
  /** It is not in the scope any more: deleted, or without the labels. @param secret its last state, with the version of its end. */
  removed(secret: StoredSecret): void;
  /** It hears from now on. */
  live(): void;
  /** It is deaf, for a moment as it seems. */
  broken(): void;
  /** It is deaf, and tries again by itself. */
  failed(error: SecretError): void;
}

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
/** A watch that ends sooner (ms), and has told nothing, is begun again more slowly. */
const BRIEF = 1_000;

/**
 * Lists a scope, and watches it from that moment on: nothing is lost between. Goes on after a clean end and after a cut from what it has heard last; lists anew
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
  #wasLive = false;

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
    const events = await client.watch(scope, this.#version, life, this.#context);
    if (this.#isOver) return;
    const begunAt = clock.now();
    let heard = 0;
    this.#wasLive = true;
    listener.live();
    for await (const event of events) {
      if (this.#isOver) return;
      this.#take(event);
      heard += 1;
      this.#failures = 0;
    }
    if (heard > 0 || clock.now() - begunAt >= Math.min(BRIEF, life / 2)) this.#failures = 0;
    else await this.#pause(this.#backoff((this.#failures += 1)));
  }

  #take({ type, object }: WatchEvent): void {
    const { listener } = this.#options;
    if (type === 'ERROR') {
      const status = statusOf(object) ?? { reason: '', code: 500, retryAfter: undefined };
      throw statusError(status, { tried: 'watching', verb: 'watch' });
    }
    const { resourceVersion } = recordOf(recordOf(object)['metadata']);
    if (type === 'DELETED') listener.removed(secretOf(object));
    else if (type === 'ADDED' || type === 'MODIFIED') listener.changed(secretOf(object));
    // What is of a type that is not known yet moves on as a bookmark does.
    if (typeof resourceVersion === 'string' && resourceVersion !== '') this.#version = this.#last = resourceVersion;
  }

  async #failed(error: SecretError): Promise<void> {
    const { listener, times, random } = this.#options;
    this.#failures += 1;
    const isFirst = this.#failures === 1;
    const wasLive = this.#wasLive;
    this.#wasLive = false;
    if (isExpired(error) || isSilent(error.cause)) {
      this.#version = undefined;
      listener.broken();
      return this.#pause(isFirst ? random() * times.relist : this.#backoff(this.#failures));
    }
    // A connection that is cut is mostly one that can be opened again.
    if (isFirst && wasLive && error.code === 'SECRET_SOURCE_UNAVAILABLE') listener.broken();
    else listener.failed(error);
    await this.#pause(this.#delay(error));
  }

  #delay(error: SecretError): number {
    const { times } = this.#options;
    const delay = this.#backoff(this.#failures);
    if (isDenied(error)) return times.denied;
    if (error.code === 'SECRET_AUTHENTICATION') return Math.min(times.refused, delay);
    return Math.max(delay, askedPause(error) ?? 0);
  }

  #backoff(failures: number): number {
    const { times, random } = this.#options;
    return backoffDelay(failures, times.backoff, random());
  }

  /** Holds up no process. */
  #pause(delay: number): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ended;
    return new Promise((resolve) => {
      const over = (): void => {
        signal.removeEventListener('abort', over);
        cancel();
        resolve();
      };
      const cancel = clock.setTimer(over, delay);
      signal.addEventListener('abort', over, { once: true });
      if (signal.aborted) over();
    });
  }

  static {
    hideInOutput(ScopeWatch.prototype, () => '[secrets watch]');
  }
}

const toSecretError = (error: unknown): SecretError =>
  isSecretError(error)
    ? error
    : new SecretSourceUnavailableError('watching failed.', { sourceKind: KIND, cause: error });
