import { failureCode } from '../errors/failure-code.js';
import { property } from '../errors/foreign-cause.js';
import { printable } from '../errors/printable.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { SecretEvents } from '../refresh/secret-events.js';
import type { Unsubscribe } from '../source/secret-source.js';
import type { ObservedWork, WorkScope } from './observed-work.js';
import type { Observer } from './observer.js';

export interface ObservationsOptions {
  readonly connection: string;
  readonly log: Pick<ConnectionLog, 'warnOnce'>;
  readonly events: Pick<SecretEvents, 'events$'>;
}

type Told = Exclude<keyof Observer, 'happened' | 'begins' | 'caller'>;
type Facts<K extends Told> = Parameters<NonNullable<Observer[K]>>[0];

const NOBODY: readonly unknown[] = [];

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
      this.options.events.events$.subscribe((event) => void this.#call(observer, () => observer.happened?.(event)));
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

  /** Who is asking now, as observers know. */
  callers(): readonly unknown[] {
    if (this.#entries.size === 0) return NOBODY;
    const callers: unknown[] = [];
    for (const { observer } of this.#entries) {
      const caller = observer.caller && this.#call(observer, () => observer.caller?.());
      if (caller !== undefined) callers.push(caller);
    }
    return callers;
  }

  /** What observers put around work; undefined where none of them does. */
  begin(workOf: () => ObservedWork): WorkScope | undefined {
    if (this.#entries.size === 0) return undefined;
    let work: ObservedWork | undefined;
    let scope: WorkScope | undefined;
    for (const { observer } of this.#entries) {
      const own = observer.begins && this.#call(observer, () => observer.begins?.((work ??= workOf())));
      if (own) scope = this.#around(observer, own, scope);
    }
    return scope;
  }

  /** Does work within what observers put around it, and tells them how it went. */
  async within<T>(workOf: () => ObservedWork, work: () => Promise<T>): Promise<T> {
    const scope = this.begin(workOf);
    if (!scope) return work();
    try {
      const result = await scope.run(work);
      scope.over('ok');
      return result;
    } catch (error) {
      scope.over(failureCode(error));
      throw error;
    }
  }

  /** Whatever an observer does, the work is done once. */
  #around(observer: Observer, own: WorkScope, outer: WorkScope | undefined): WorkScope {
    const guarded = <T>(work: () => T): T => {
      let done: { readonly result: T } | { readonly error: unknown } | undefined;
      const once = (): T => {
        try {
          const result = work();
          done = { result };
          return result;
        } catch (error) {
          done = { error };
          throw error;
        }
      };
      try {
        own.run(once);
      } catch {
        if (done === undefined || 'result' in done) this.#failed(observer);
      }
      if (done === undefined) return work();
      if ('error' in done) throw done.error;
      return done.result;
    };
    return {
      run: (work) => (outer ? outer.run(() => guarded(work)) : guarded(work)),
      over: (outcome) => {
        this.#call(observer, () => own.over(outcome));
        outer?.over(outcome);
      },
    };
  }

  #call<T>(observer: Observer, work: () => T): T | undefined {
    try {
      const given = work();
      if (given instanceof Promise) given.catch(() => this.#failed(observer));
      return given;
    } catch {
      this.#failed(observer);
      return undefined;
    }
  }

  #failed(observer: Observer): void {
    const { log, connection } = this.options;
    const name = property(property(observer, 'constructor'), 'name');
    const text = typeof name === 'string' && name !== 'Object' && name !== '' ? ` ${printable(name)}` : '';
    log.warnOnce(`observer${text}`, `An observer${text} of secrets of "${connection}" threw, and is told on.`);
  }
}
