import { warnByProcess } from '../process-warning.js';
import type { Unsubscribe } from './secret-source.js';
import type { SourceEvent, SourceNoticeType } from './source-event.js';

/** Who observes a source. What it has to say of its options is said to each of them at once, so that it stands in the log of each start. */
export class SourceObservers {
  readonly #said = new Map<string, SourceEvent>();
  readonly #listeners = new Set<(event: SourceEvent) => void>();

  constructor(readonly source: string) {}

  /** @param reason one sentence, without a secret; said once, however often it is found. */
  add(type: SourceNoticeType, reason: string): void {
    if (this.#said.has(reason)) return;
    const event: SourceEvent = { type, source: this.source, reason };
    this.#said.set(reason, event);
    this.emit(event);
  }

  emit(event: SourceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Of what `allowInsecure` permits: by the process too, for who uses a source without a connection. */
  readonly warn = (reason: string): void => {
    if (!this.#said.has(reason)) warnByProcess(reason);
    this.add('insecure', reason);
  };

  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    const own = (event: SourceEvent): void => listener(event);
    this.#listeners.add(own);
    for (const event of this.#said.values()) own(event);
    return () => void this.#listeners.delete(own);
  }
}
