import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { RefreshReport } from '../../core/client/source-operations.js';
import { SourceOperations } from '../../core/client/source-operations.js';
import { listOfNames } from '../../core/name-lists.js';

/** One listener of the process for each signal, however many connections there are: Node warns of many. */
const heard = new Map<NodeJS.Signals, Set<() => void>>();

/** Has all secrets of a connection read when the process gets a signal, as by `client.refresh()`; also while refreshing is paused. */
export class RefreshSignal {
  #isRunning = false;
  #isAgain = false;
  #end: () => void = () => undefined;

  constructor(private readonly runtime: SecretRuntime) {}

  /** Does nothing without `refresh.onSignal`. */
  listen(): void {
    const { onSignal } = this.runtime.options;
    if (onSignal === undefined) return;
    if (!heard.has(onSignal) && process.listenerCount(onSignal) > 0) this.runtime.log.warn(endsTheApp(onSignal));
    this.#end = listenTo(onSignal, () => void this.#refresh(onSignal));
    // A start that fails after this one ends the connection, and calls no hook.
    this.runtime.addDependent({ idle: () => Promise.resolve(), close: () => Promise.resolve(this.end()) });
  }

  end(): void {
    this.#end();
    this.#end = () => undefined;
  }

  /** Signals that come meanwhile are one more reading. */
  async #refresh(signal: NodeJS.Signals): Promise<void> {
    this.#isAgain = this.#isRunning;
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { log } = this.runtime;
    do {
      this.#isAgain = false;
      log.info(`${signal}: all secrets of "${log.connection}" are read.`);
      const report = await new SourceOperations(this.runtime).refresh(undefined);
      log.info(`${signal}: of the secrets of "${log.connection}" ${outcome(report)}.`);
    } while (this.#isAgain && !this.runtime.updater.isShut);
    this.#isRunning = false;
  }
}

/** By default Nest's hooks listen to nearly every signal, and end the app by each. */
const endsTheApp = (signal: NodeJS.Signals): string =>
  `Option "refresh.onSignal": something else listens to ${signal} too. If it is app.enableShutdownHooks(), that ends the app by it: give it a list, as in app.enableShutdownHooks(['SIGTERM', 'SIGINT']).`;

function outcome({ changed, unchanged, failed }: RefreshReport): string {
  const names = failed.length > 0 ? ` (${listOfNames(failed.map(({ name }) => name))})` : '';
  return `${changed.length} changed, ${unchanged.length} did not, ${failed.length} failed${names}`;
}

function listenTo(signal: NodeJS.Signals, listener: () => void): () => void {
  const listeners = heard.get(signal) ?? new Set();
  if (listeners.size === 0) process.on(signal, tell);
  heard.set(signal, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    process.off(signal, tell);
    heard.delete(signal);
  };
}

function tell(signal: NodeJS.Signals): void {
  for (const listener of [...(heard.get(signal) ?? [])]) listener();
}
