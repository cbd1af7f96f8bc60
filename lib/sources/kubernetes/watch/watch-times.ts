import type { BackoffPolicy } from '../../../core/backoff.js';

/** Spans of a watch, in milliseconds. */
export interface WatchTimes {
  /** After which a watch that says nothing is taken for broken: bookmarks come each minute. */
  readonly silence: number;
  /** For which a watch is asked for, so that rights and tokens are checked again: the server looks at them when it begins. */
  readonly life: number;
  /** Until what was denied is tried again: a role may come later. */
  readonly denied: number;
  /** Between readings of what may be read and not watched. */
  readonly poll: number;
  /** At most, before all is listed again: a server that was restarted has all its watchers do so. */
  readonly relist: number;
  /** After a failure. */
  readonly backoff: BackoffPolicy;
  /** At most, after a refused token: another one may be there soon. */
  readonly refused: number;
}

export const WATCH_TIMES: WatchTimes = {
  silence: 90_000,
  life: 300_000,
  denied: 120_000,
  poll: 60_000,
  relist: 1_000,
  backoff: { base: 500, factor: 2, max: 30_000, least: 50 },
  refused: 5_000,
};
