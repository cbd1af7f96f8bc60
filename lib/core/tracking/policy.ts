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

/** Times in place of the connection's while somebody announces changes. */
export type EasedTimes = Pick<RefreshPolicy, 'maxAge' | 'every'>;

/** The connection's policy, and that of those that have times of their own. */
class PolicyTable {
  readonly own: ReadonlyMap<string, RefreshPolicy>;

  constructor(
    readonly common: RefreshPolicy,
    own: ReadonlyMap<string, OwnTimes>,
  ) {
    this.own = new Map(
      [...own].map(([name, times]) => {
        const { maxAge = common.maxAge, maxStale = common.maxStale } = times;
        // Its own age says how often it is read, also where a cron expression reads the rest.
        const every = times.maxAge ?? common.every;
        return [name, { ...common, maxAge, maxStale, every }];
      }),
    );
  }

  of(name: string): RefreshPolicy {
    return this.own.get(name) ?? this.common;
  }
}

/**
 * The policy of each secret, as it is now: the connection's, but for those that have times of their own; eased, where that is given, while somebody
 * announces changes who can be relied upon. The one owner of that.
 */
export class RefreshPolicies {
  readonly #strict: PolicyTable;
  readonly #eased: PolicyTable;
  #isEased = false;
  #easedSince = Number.POSITIVE_INFINITY;

  constructor(common: RefreshPolicy, own: ReadonlyMap<string, OwnTimes> = new Map(), eased?: EasedTimes) {
    this.#strict = new PolicyTable(common, own);
    this.#eased = new PolicyTable({ ...common, ...eased }, own);
  }

  get isEased(): boolean {
    return this.#isEased;
  }

  /** From now on; who plans by it is to be planned again. @param since from when somebody announces, or nobody (monotonic). */
  ease(isEased: boolean, since: number): void {
    if (isEased) this.#easedSince = since;
    this.#isEased = isEased;
  }

  /** True for what another process has read while nobody here heard of changes (monotonic). */
  isBeforeEasing(loadedAt: number): boolean {
    return loadedAt < this.#easedSince;
  }

  /** The secrets that have times of their own. */
  get names(): Iterable<string> {
    return this.#strict.own.keys();
  }

  get common(): RefreshPolicy {
    return (this.#isEased ? this.#eased : this.#strict).common;
  }

  of(name: string): RefreshPolicy {
    return (this.#isEased ? this.#eased : this.#strict).of(name);
  }

  /** Whoever announces or not: for what nobody announces, as that a secret is there again, or may be read again. */
  get strict(): Pick<PolicyTable, 'common' | 'of'> {
    return this.#strict;
  }

  /** While somebody announces changes, or would. */
  get eased(): Pick<PolicyTable, 'common' | 'of'> {
    return this.#eased;
  }

  /** True where a secret keeps the times of the rest, so that it may be read along with them. */
  isCommon(name: string): boolean {
    return !this.#strict.own.has(name);
  }
}
