/** Writes to one document, one after another: each reads what is there before it writes, and what another one writes in between would be lost. */
export class WriteQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  async inTurn<T>(path: string, write: () => Promise<T>): Promise<T> {
    const before = this.#last.get(path) ?? Promise.resolve();
    const own = before.then(write, write);
    this.#last.set(path, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(path) === own) this.#last.delete(path);
    }
  }
}
