/** When an answer came; one for all that came with it. */
export interface Arrival {
  /** On the monotonic clock: lifetimes are counted from it. */
  readonly at: number;
  /** When it came at the latest, where the process stood still meanwhile: `at` is then of the question. */
  readonly latest?: number | undefined;
  /** Milliseconds since 1970, for display. */
  readonly wall: number;
}
