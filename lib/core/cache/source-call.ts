import { setImmediate } from 'node:timers';
import type { Clock } from '../clock.js';
import { isSecretError, SecretSourceUnavailableError, type SecretError } from '../errors/index.js';
import type { ReadContext, SecretSource } from '../source/secret-source.js';

export interface SourceCallOptions {
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly connection: string;
}

/** Calls a source: bounds the time, tells it when to stop, and turns whatever it throws into a SecretError that names where it happened. */
export class SourceCall {
  readonly #open = new Set<() => void>();

  constructor(
    readonly source: SecretSource,
    private readonly options: SourceCallOptions,
  ) {}

  /** @param what stands in errors: what was tried, without a value. */
  async run<T>(what: string, work: (context: ReadContext) => Promise<T>, version?: string): Promise<T> {
    const { timeout, clock } = this.options;
    const controller = new AbortController();
    let cancel = (): void => undefined;
    let over = false;
    let stop = (): void => undefined;
    let stopped: SecretSourceUnavailableError | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const end = (error: SecretSourceUnavailableError): void => {
          stopped = error;
          controller.abort();
          // A source that heeds the signal tells in its own error whether the request may have had an effect; it gets a turn to do so.
          setImmediate(() => reject(error));
        };
        const start = (): void => {
          if (over) return; // a source that works on after its time
          cancel();
          cancel = clock.setTimer(() => end(timeoutError(what, timeout)), timeout);
        };
        stop = () => end(new SecretSourceUnavailableError(`"${what}" was stopped, as the app closes.`));
        this.#open.add(stop);
        start();
        const context = { signal: controller.signal, progress: start, ...(version !== undefined && { version }) };
        Promise.resolve(work(context)).then(resolve, reject);
      });
    } catch (error) {
      if (stopped && isSecretError(error) && 'effect' in error && error.effect === 'possible') {
        throw this.translate(
          new SecretSourceUnavailableError(stopped.reason, { ...stopped, effect: 'possible' }),
          what,
        );
      }
      throw this.translate(stopped ?? error, what);
    } finally {
      over = true;
      cancel();
      this.#open.delete(stop);
    }
  }

  /** Our own kind of error for whatever was thrown, with the names that only we know. */
  translate(error: unknown, what: string, secretName?: string): SecretError {
    const known = isSecretError(error)
      ? error
      : new SecretSourceUnavailableError(`"${what}" failed.`, { cause: error });
    return known.located({ connection: this.options.connection, sourceKind: this.source.kind, secretName });
  }

  /** Ends every call under way. */
  abort(): void {
    for (const stop of [...this.#open]) stop();
  }
}

function timeoutError(what: string, timeout: number): SecretSourceUnavailableError {
  return new SecretSourceUnavailableError(`no answer to "${what}" within ${timeout} ms.`, {
    advice: 'Raise `timeout` where the source is slow; it is tried again with back-off.',
  });
}
