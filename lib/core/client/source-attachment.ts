import type { ConnectionLog } from '../refresh/connection-log.js';
import type { SecretSource, Unsubscribe } from '../source/secret-source.js';
import type { SourceEvent } from '../source/source-event.js';

/** What a connection holds on to of its source, beside asking it: its events, and its start. Whatever a source does here, it stops nothing else. */
export class SourceAttachment {
  readonly #unobserve: Unsubscribe | undefined;
  #endStartUp: (() => void) | undefined;
  #isStarted = false;

  constructor(
    private readonly source: SecretSource,
    private readonly log: ConnectionLog,
    listener: (event: SourceEvent) => void,
  ) {
    Object.defineProperty(this, 'source', { enumerable: false });
    this.#unobserve = this.#contained('observing it', () => source.observe?.(listener));
  }

  /** Once: the app starts, and may fail. */
  startUp(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#endStartUp = this.#contained('starting it', () => this.source.startUp?.());
  }

  endStartUp(): void {
    const end = this.#endStartUp;
    this.#endStartUp = undefined;
    this.#contained('ending its start', () => end?.());
  }

  detach(): void {
    this.#contained('observing it no more', () => this.#unobserve?.());
  }

  #contained<T>(what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch {
      this.log.warn(`The source ${this.source.kind} threw at ${what}.`);
      return undefined;
    }
  }
}
