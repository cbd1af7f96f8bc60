import type { BackoffPolicy } from '../backoff.js';

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
  readonly retry: BackoffPolicy;
}

/** Times of a secret's own, in place of the connection's. */
export type OwnTimes = Partial<Pick<RefreshPolicy, 'maxAge' | 'maxStale'>>;

/** The policy of each secret: the connection's, but for those that have times of their own. */
export class RefreshPolicies {
  readonly #own: ReadonlyMap<string, RefreshPolicy>;

  constructor(
    readonly common: RefreshPolicy,
    own: ReadonlyMap<string, OwnTimes> = new Map(),
  ) {
    this.#own = new Map(
      [...own].map(([name, times]) => {
        const { maxAge = common.maxAge, maxStale = common.maxStale } = times;
        // Its own age says how often it is read, also where a cron expression reads the rest.
        const every = times.maxAge ?? common.every;
        return [name, { ...common, maxAge, maxStale, every }];
      }),
    );
  }

  /** The secrets that have times of their own. */
  get names(): Iterable<string> {
    return this.#own.keys();
  }

  of(name: string): RefreshPolicy {
    return this.#own.get(name) ?? this.common;
  }

  /** True where a secret keeps the times of the rest, so that it may be read along with them. */
  isCommon(name: string): boolean {
    return !this.#own.has(name);
  }
}
