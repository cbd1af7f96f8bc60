/** Who is at work with which version of a secret, so that credentials are ended after the last of them has let go. */
export class VersionHolds {
  readonly #holders = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Something is made from this version, or works with it, until the function that comes back is called. */
  hold(version: string): () => void {
    this.#holders.set(version, (this.#holders.get(version) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) this.#letGo(version);
      held = false;
    };
  }

  /** Resolves when nobody holds this version. */
  free(version: string): Promise<void> {
    if (!this.#holders.has(version)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(version, [...(this.#waiting.get(version) ?? []), resolve]);
    });
  }

  #letGo(version: string): void {
    const left = (this.#holders.get(version) ?? 1) - 1;
    if (left > 0) return void this.#holders.set(version, left);
    this.#holders.delete(version);
    for (const resolve of this.#waiting.get(version) ?? []) resolve();
    this.#waiting.delete(version);
  }
}
