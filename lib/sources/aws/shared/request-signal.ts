/**
 * The end of one request, for the clients of the SDK that we make: what they ask of a signal, and no more. A real one costs a request as much as all
 * else that we add to it.
 */
export class RequestSignal {
  /** The SDK listens here only where there is no `addEventListener`. */
  readonly onabort = null;
  readonly #listeners = new Set<() => void>();
  #hasAborted = false;

  get aborted(): boolean {
    return this.#hasAborted;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(): void {
    this.#hasAborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
