/** When an answer came; one for all that came with it. */
export interface Arrival {
  /** On the monotonic clock: lifetimes are counted from it. */
  readonly at: number;
  /** Milliseconds since 1970, for display. */
  readonly wall: number;
}
