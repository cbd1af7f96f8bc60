/** How values age, when they are read again, and how failures are spaced. All spans in milliseconds. */
export interface RefreshPolicy {
  readonly maxAge: number;
  /** Past `maxAge`, while the source fails. Infinity: for ever. */
  readonly maxStale: number;
  /** Undefined where a cron expression says when. */
  readonly every: number | undefined;
  /** 0 to 1. */
  readonly jitter: number;
  readonly enabled: boolean;
  readonly retry: RetryPolicy;
}

export interface RetryPolicy {
  readonly base: number;
  readonly factor: number;
  readonly max: number;
}
