/** How many secrets are remembered; the longest known are forgotten first. */
const MOST = 10_000;

/**
 * The highest number of each secret's versions that was written or read from here. What `latest` means converges within minutes, or hours
 * (https://docs.cloud.google.com/secret-manager/docs/consistency), so that it may go back behind a write of our own, or from one reading to the next.
 */
export class HighestVersions {
  readonly #known = new Map<string, bigint>();

  of(id: string): string | undefined {
    return this.#known.get(id)?.toString();
  }

  note(id: string, version: string): void {
    if (this.isBehind(id, version)) return;
    this.#known.delete(id);
    this.#known.set(id, BigInt(version));
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value!);
  }

  /** True for a number below one that has been seen. */
  isBehind(id: string, version: string): boolean {
    const known = this.#known.get(id);
    return known !== undefined && BigInt(version) < known;
  }

  /** It was removed, and may be made again: then its versions begin at 1 again. */
  forget(id: string): void {
    this.#known.delete(id);
  }
}
