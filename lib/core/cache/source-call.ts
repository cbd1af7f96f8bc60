import type { KeyObject } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers';
import type { Clock } from '../clock.js';
import { isSecretError, SecretSourceUnavailableError, type SecretError } from '../errors/index.js';
import { mayHaveHadEffect } from '../errors/transient.js';
import type { AskedCall, SourceCalls } from '../observe/source-calls.js';
import { hideInOutput } from '../redaction.js';
import type { SecretVersion } from '../secret/secret-version.js';
import { addressesOf } from '../source/places.js';
import type { ReadContext, SecretSource } from '../source/secret-source.js';
import { SourceUse } from '../source/source-users.js';
import { closedError } from './closed-error.js';

export interface SourceCallOptions {
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly connection: string;
  /** Told until when a call has time. Gives what is told that it is over, and says whether the process stood still meanwhile. */
  readonly pauses: { await(deadline: number): () => boolean };
  /** Hears of each call. */
  readonly calls?: SourceCalls | undefined;
  /** Under which replicas agree on the versions of a source that has none. */
  readonly fingerprintKey?: (() => KeyObject | undefined) | undefined;
}

export interface CallOptions<T> {
  /** A version or stage other than the current one. */
  readonly version?: string | undefined;
  /** Milliseconds, where less than the connection's time-out is left. */
  readonly within?: number | undefined;
  /** It may issue credentials, which are then to be ended, or it ends some: a closing waits for it. */
  readonly isAwaited?: boolean | undefined;
  /** Called where the time was over before an answer came. */
  readonly onTimeout?: (() => void) | undefined;
  /** Takes answers that come before the call is over. */
  readonly deliver?: ReadContext['deliver'];
  /** Called with an answer that came when nobody waited for it any more. */
  readonly onLate?: ((late: T) => void) | undefined;
}

interface OpenCall {
  readonly isAwaited: boolean;
  readonly stop: () => void;
  readonly settled: Promise<unknown>;
}

/** Calls a source: bounds the time, tells it when to stop, and turns whatever it throws into a SecretError that names where it happened. */
export class SourceCall {
  readonly #open = new Set<OpenCall>();
  readonly #use: SourceUse;
  #isClosed = false;

  constructor(
    readonly source: SecretSource,
    private readonly options: SourceCallOptions,
  ) {
    this.#use = new SourceUse(source);
  }

  async run<T>(asked: AskedCall, work: (context: ReadContext) => Promise<T>, options: CallOptions<T> = {}): Promise<T> {
    const { what } = asked;
    if (this.#isClosed) throw this.translate(closedError(what), what);
    this.#use.begin();
    const { source } = this;
    const { clock, pauses, calls } = this.options;
    const { version, deliver, onLate, onTimeout, isAwaited = false, within } = options;
    const limit = Math.min(this.options.timeout, within ?? Number.POSITIVE_INFINITY);
    const controller = new AbortController();
    setMaxListeners(0, controller.signal); // a call may be of any number of requests
    let cancel = (): void => undefined;
    let settled = (): boolean => false;
    let over = false;
    let stopped: SecretSourceUnavailableError | undefined;
    let isInterrupted = false;
    let call: OpenCall | undefined;
    const told = calls?.begin(asked);
    try {
      const value = await new Promise<T>((resolve, reject) => {
        const end = (error: SecretSourceUnavailableError, isNobodysFault: boolean): void => {
          if (over || stopped) return;
          stopped = error;
          isInterrupted = isNobodysFault;
          controller.abort();
          // A source that heeds the signal tells in its own error whether the request may have had an effect; it gets a turn to do so.
          setImmediate(() => reject(error));
        };
        const start = (later = 0): void => {
          if (over || stopped) return; // a source that works on after its time
          cancel();
          const left = limit + (within === undefined && later > 0 ? later : 0);
          settled();
          settled = pauses.await(clock.now() + left);
          cancel = clock.setTimer(() => {
            onTimeout?.();
            const isMissed = settled();
            end(isMissed ? missedError(what) : timeoutError(what, limit, source), isMissed);
          }, left);
        };
        start();
        const versionOf = (name: string, given: SecretVersion): string => this.named(name, given).version;
        // All of them own: nothing of a prototype's is asked of a source.
        const context = { signal: controller.signal, timeout: limit, progress: start, deliver, version, versionOf };
        const answer = new Promise<T>((given) => given(told ? told.run(() => work(context)) : work(context)));
        call = { isAwaited, stop: () => end(closedError(what), true), settled: answer.catch(() => undefined) };
        this.#open.add(call);
        answer.then((value) => {
          if (over || stopped) return onLate?.(value);
          settled(); // before anybody asks how old the answer is
          resolve(value);
        }, reject);
      });
      told?.answered(value);
      return value;
    } catch (error) {
      const mayHaveIssued = stopped && isSecretError(error) && mayHaveHadEffect(error);
      const known = mayHaveIssued
        ? new SecretSourceUnavailableError(stopped!.reason, { ...stopped, effect: 'possible' })
        : (stopped ?? error);
      const translated = this.translate(known, what);
      if (isInterrupted) told?.interrupted();
      else told?.failed(translated);
      throw translated;
    } finally {
      over = true;
      settled();
      cancel();
      if (call) this.#open.delete(call);
    }
  }

  /** A state of a secret by the version that this connection shows of it. */
  named(name: string, given: SecretVersion): SecretVersion {
    const fingerprintKey = this.options.fingerprintKey?.();
    return fingerprintKey ? given.sharedUnder(fingerprintKey, name) : given;
  }

  /** Our own kind of error for whatever was thrown, with the names that only we know. */
  translate(error: unknown, what: string, secretName?: string): SecretError {
    const known = isSecretError(error)
      ? error
      : new SecretSourceUnavailableError(`"${what}" failed.`, { cause: error });
    return known.located({ connection: this.options.connection, sourceKind: this.source.kind, secretName });
  }

  /** Ends all calls that nobody has to wait for; resolves when the others are over. */
  async drain(): Promise<void> {
    const awaited = [...this.#open].filter(({ isAwaited }) => isAwaited);
    for (const { isAwaited, stop } of [...this.#open]) if (!isAwaited) stop();
    await Promise.all(awaited.map(({ settled }) => settled));
  }

  /** Ends every call under way. */
  abort(): void {
    for (const { stop } of [...this.#open]) stop();
  }

  /** From now on the source is not called any more. */
  close(): void {
    this.#isClosed = true;
    this.#use.end();
    this.abort();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  static {
    hideInOutput(SourceCall.prototype, ({ source }) => `[source ${source.kind}]`);
  }
}

const missedError = (what: string): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(`the process stood still while it waited for the answer to "${what}".`, {
    advice: 'It is asked again; nothing is wrong where a function was frozen or a machine suspended.',
  });

function timeoutError(what: string, timeout: number, source: SecretSource): SecretSourceUnavailableError {
  const addresses = addressesOf(source);
  const from = addresses && ` from ${addresses}`;
  return new SecretSourceUnavailableError(`no answer to "${what}"${from} within ${Math.round(timeout)} ms.`, {
    advice: 'Raise `timeout` where the source is slow.',
  });
}
