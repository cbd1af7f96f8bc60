import type { Observer, Operator, Subscription, TeardownLogic } from 'rxjs';
import { Observable, Subscriber } from 'rxjs';

/**
 * A stream whose observers stop nothing else. rxjs throws again what they throw, in a turn of its own: that ends the process and prints the message,
 * which may quote a value. Here it is handed over, as is the error of an operator that nobody handles (`pipe(map(…))`).
 */
export class GuardedStream<T> extends Observable<T> {
  readonly #onFailure: (error: unknown) => void;

  constructor(
    subscribe: ((subscriber: Subscriber<T>) => TeardownLogic) | undefined,
    onFailure: (error: unknown) => void,
  ) {
    super(subscribe);
    this.#onFailure = onFailure;
  }

  static over<T>(source: Observable<T>, onFailure: (error: unknown) => void): Observable<T> {
    return new GuardedStream((subscriber) => source.subscribe(subscriber), onFailure);
  }

  /** @deprecated rxjs's own way from a stream to the one behind an operator. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedStream<R>(undefined, this.#onFailure);
    return Object.assign(lifted, { source: this, operator });
  }

  override subscribe(
    given?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // What operators, `firstValueFrom` and the like subscribe with hands errors on by itself.
    if (given instanceof Subscriber) return super.subscribe(given);
    const observer = typeof given === 'function' || !given ? { next: given, error, complete } : given;
    return super.subscribe({
      next: (value) => this.#guarded(() => observer.next?.(value)),
      error: (cause: unknown) =>
        observer.error ? this.#guarded(() => observer.error?.(cause)) : this.#onFailure(cause),
      complete: () => this.#guarded(() => observer.complete?.()),
    });
  }

  #guarded(call: () => unknown): void {
    try {
      const result = call();
      if (result instanceof Promise) result.catch(this.#onFailure);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
