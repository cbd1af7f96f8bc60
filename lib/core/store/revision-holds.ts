/** Who is at work with which revision of a secret, so that credentials are ended after the last of them has let go. */
export class RevisionHolds {
  readonly #holders = new Map<number, number>();
  readonly #waiting = new Map<number, (() => void)[]>();

  /** Something is made from this revision, or works with it, until the function that comes back is called. */
  hold(revision: number): () => void {
    this.#holders.set(revision, (this.#holders.get(revision) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) this.#release(revision);
      held = false;
    };
  }

  /** Resolves when nobody holds this revision. */
  free(revision: number): Promise<void> {
    if (!this.#holders.has(revision)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(revision, [...(this.#waiting.get(revision) ?? []), resolve]);
    });
  }

  #release(revision: number): void {
    const left = this.#holders.get(revision)! - 1;
    if (left > 0) return void this.#holders.set(revision, left);
    this.#holders.delete(revision);
    for (const resolve of this.#waiting.get(revision) ?? []) resolve();
    this.#waiting.delete(revision);
  }
}
