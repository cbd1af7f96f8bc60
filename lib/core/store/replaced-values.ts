import type { Arrival } from '../secret/arrival.js';

/** A value as it is published: what readers get, and what the source calls it. */
export interface PublishedValue {
  readonly value: unknown;
  readonly version: string;
  /** Counts the values that this process has seen of the secret: equal for equal values, whatever the source calls them. */
  readonly revision: number;
  readonly arrival: Arrival;
}

/** A value that was replaced, for as long as somebody accepts it beside the current one. */
export interface ReplacedValue {
  readonly value: unknown;
  readonly version: string;
  /** On the monotonic clock. */
  readonly replacedAt: number;
}

/** The values that a secret had of late, newest first; kept for the longest overlap that anybody asked for. */
export class ReplacedValues {
  #values: ReplacedValue[] = [];
  #retention = 0;

  /** Milliseconds. */
  get retention(): number {
    return this.#retention;
  }

  get newestFirst(): readonly ReplacedValue[] {
    return this.#values;
  }

  /** Keeps values for at least this long. */
  retain(overlap: number): void {
    this.#retention = Math.max(this.#retention, overlap);
  }

  add({ value, version }: PublishedValue, replacedAt: number): void {
    if (this.#retention === 0) return;
    this.#values.unshift({ value, version, replacedAt });
    this.forget(replacedAt);
  }

  /** Puts in a value that was replaced before this process knew the secret. */
  adopt(value: unknown, version: string, replacedAt: number): void {
    this.#values.push({ value, version, replacedAt });
  }

  /** Lets go of what nobody accepts any more at `now`. */
  forget(now: number): void {
    this.#values = this.#values.filter(({ replacedAt }) => now - replacedAt < this.#retention);
  }

  drop(): void {
    this.#values = [];
  }
}
