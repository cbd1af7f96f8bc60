import type { ChangeListener } from '../../core/source/change-listener.js';
import type { SecretSource, Unsubscribe } from '../../core/source/secret-source.js';

type Watchable = Required<Pick<SecretSource, 'watch'>>;

/**
 * The channels of several sources as one: it is lost as soon as one of them is, and live again when all are. A source
 * that can't be watched is a channel
 * that is lost, and takes nothing from the others.
 */
export class CombinedWatch {
  readonly #lost = new Set<Watchable>();
  readonly #ends: Unsubscribe[] = [];
  #ended = false;

  private constructor(private readonly onChange: ChangeListener) {}

  /** At once where all watches begin at once, else when the last one has begun or failed. */
  static of(sources: readonly Watchable[], onChange: ChangeListener): Unsubscribe | Promise<Unsubscribe> {
    const combined = new CombinedWatch(onChange);
    const begun = sources.map((source) => combined.#begin(source)).filter((pending) => pending !== undefined);
    const end = (): void => combined.#end();
    return begun.length === 0 ? end : Promise.all(begun).then(() => end);
  }

  #begin(source: Watchable): Promise<void> | undefined {
    try {
      const end = source.watch(this.#listenerOf(source));
      if (typeof end === 'function') return void this.#ends.push(end);
      return Promise.resolve(end).then(
        (later) => void this.#ends.push(later),
        (error: unknown) => this.#lose(source, error),
      );
    } catch (error) {
      this.#lose(source, error);
      return undefined;
    }
  }

  #listenerOf(source: Watchable): ChangeListener {
    const told: ChangeListener = (changes) => {
      if (!this.#ended) this.onChange(changes);
    };
    told.lost = (cause) => this.#lose(source, cause);
    told.resumed = () => this.#resume(source);
    return told;
  }

  #lose(source: Watchable, cause: unknown): void {
    const wasLive = this.#lost.size === 0;
    this.#lost.add(source);
    if (wasLive && !this.#ended) this.onChange.lost(cause);
  }

  #resume(source: Watchable): void {
    if (this.#lost.delete(source) && this.#lost.size === 0 && !this.#ended) this.onChange.resumed();
  }

  #end(): void {
    this.#ended = true;
    endAll(this.#ends.splice(0));
  }
}

/** To all of them, or to none. */
export function subscribe<S>(sources: readonly S[], to: (source: S) => Unsubscribe): Unsubscribe {
  const ends: Unsubscribe[] = [];
  try {
    for (const source of sources) ends.push(to(source));
  } catch (error) {
    endAll(ends);
    throw error;
  }
  return () => endAll(ends.splice(0));
}

/** Ends all, also where one of them fails; then throws the first failure. */
function endAll(ends: readonly Unsubscribe[]): void {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
