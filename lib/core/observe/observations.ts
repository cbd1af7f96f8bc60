import { property } from '../errors/foreign-cause.js';
import { printable } from '../errors/printable.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { SecretEvents } from '../refresh/secret-events.js';
import type { Unsubscribe } from '../source/secret-source.js';
import type { Observer } from './observer.js';

export interface ObservationsOptions {
  readonly connection: string;
  readonly log: Pick<ConnectionLog, 'warnOnce'>;
  readonly events: Pick<SecretEvents, 'events$'>;
}

type Told = Exclude<keyof Observer, 'happened'>;
type Facts<K extends Told> = Parameters<NonNullable<Observer[K]>>[0];

/** Those who observe a connection. Nothing is made to be told where nobody listens. */
export class Observations {
  /** Entries of their own: an observer that is added twice hears twice, and each is removed by itself. */
  readonly #entries = new Set<{ readonly observer: Observer }>();

  constructor(private readonly options: ObservationsOptions) {
    Object.defineProperty(this, 'options', { enumerable: false });
  }

  get isObserved(): boolean {
    return this.#entries.size > 0;
  }

  /** Tells the observer from now on, until the returned function is called. */
  add(observer: Observer): Unsubscribe {
    const entry = { observer };
    this.#entries.add(entry);
    // One owner of these facts: the stream that the app has too.
    const events =
      observer.happened &&
      this.options.events.events$.subscribe((event) => this.#call(observer, () => observer.happened?.(event)));
    return () => {
      this.#entries.delete(entry);
      events?.unsubscribe();
    };
  }

  /** @param factsOf made once, where somebody listens. */
  tell<K extends Told>(kind: K, factsOf: () => Facts<K>): void {
    if (this.#entries.size === 0) return;
    let facts: Facts<K> | undefined;
    for (const { observer } of [...this.#entries]) {
      this.#call(observer, () => {
        const hear = observer[kind] as ((facts: Facts<K>) => unknown) | undefined;
        return hear?.call(observer, (facts ??= factsOf()));
      });
    }
  }

  #call(observer: Observer, work: () => unknown): void {
    try {
      const given = work();
      if (given instanceof Promise) given.catch(() => this.#failed(observer));
    } catch {
      this.#failed(observer);
    }
  }

  #failed(observer: Observer): void {
    const { log, connection } = this.options;
    const name = property(property(observer, 'constructor'), 'name');
    const text = typeof name === 'string' && name !== 'Object' && name !== '' ? ` ${printable(name)}` : '';
    log.warnOnce(`observer${text}`, `An observer${text} of secrets of "${connection}" threw, and is told on.`);
  }
}
