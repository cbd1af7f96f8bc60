import type { SecretError } from '../errors/index.js';
import type { Lease } from '../secret/lease.js';

/** What is known of the value in use; the value itself lives in the store. */
export interface LoadedFacts {
  readonly version: string;
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly lease: Lease | undefined;
  /** On the monotonic clock, when the answer arrived. */
  readonly loadedAt: number;
  /** Milliseconds since 1970, for display. */
  readonly loadedAtWall: number;
}

/** The last reading failed. `retryAt` is Infinity where back-off would not help: then the regular refresh tries again. */
export interface Failure {
  readonly error: SecretError;
  readonly count: number;
  readonly retryAt: number;
  /** Until then a reader of an aged value starts no reading of its own. */
  readonly quietUntil: number;
}

/** A reading that is queued or under way. */
export interface Flight {
  readonly promise: Promise<void>;
  started: boolean;
  next?: Promise<void>;
}

/** One secret (in one version) as the cache knows it: how fresh, how it fails, who reads it now. */
export class CacheEntry {
  loaded: LoadedFacts | undefined;
  failure: Failure | undefined;
  /** The last reading said that there is none; a value that was there stays in use. */
  gone = false;
  dueAt = Number.POSITIVE_INFINITY;
  agesAt = Number.POSITIVE_INFINITY;
  endsAt = Number.POSITIVE_INFINITY;
  flight: Flight | undefined;
  /** The number of the reading whose answer was taken last; an older one that arrives later is ignored. */
  lastReading = 0;
  /** Decorated, required, referenced, preloaded or viewed: never evicted. */
  pinned = false;
  /** Fields that consumers can’t do without: a rotation that lacks one is refused. */
  readonly requiredFields = new Set<string>();
  /** Grows with each use; the lowest is evicted first. */
  used = 0;
  /** `used` when the value arrived. */
  usedAtLoad = 0;

  constructor(
    /** Unique within a connection. */
    readonly key: string,
    /** As the source is asked for it. */
    readonly name: string,
    /** The version or stage asked for; undefined is the current one. */
    readonly requested: string | undefined,
  ) {}

  /** A dynamic secret: reading it issues new credentials. */
  get isDynamic(): boolean {
    return this.loaded?.lease !== undefined;
  }

  /** When something is to be done about it, in the order: read, age, end. */
  nextEventAt(): number {
    return Math.min(this.nextReadingAt(), this.agesAt, this.endsAt);
  }

  /** Back-off considered; Infinity where nothing but a call or a cron tick reads it. */
  nextReadingAt(): number {
    return this.failure && this.failure.retryAt !== Number.POSITIVE_INFINITY ? this.failure.retryAt : this.dueAt;
  }

  /** True where a reading is due at `now`, back-off considered. */
  isDue(now: number): boolean {
    return this.nextReadingAt() <= now;
  }

  /** True for credentials that were fetched on demand and that nobody has asked for since: no reason to issue new ones. */
  get isIdle(): boolean {
    return !this.pinned && this.isDynamic && this.used === this.usedAtLoad;
  }

  isBackingOff(now: number): boolean {
    return (
      this.failure !== undefined && this.failure.retryAt !== Number.POSITIVE_INFINITY && this.failure.retryAt > now
    );
  }
}
