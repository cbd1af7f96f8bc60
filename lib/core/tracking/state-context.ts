import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import type { Arrival } from '../secret/arrival.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { PreparedValue } from '../store/prepared-value.js';
import type { OwnLease } from './own-lease.js';
import type { RefreshPolicies, RefreshPolicy } from './policy.js';
import type { RefreshSwitch } from './refresh-switch.js';
import type { Schedule } from './schedule.js';
import type { SecretState } from './secret-state.js';
import type { StateListener } from './state-listener.js';

/** What all secrets of a connection share. */
export interface StateContext {
  readonly connection: string;
  readonly sourceKind: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly policies: RefreshPolicies;
  readonly refreshing: RefreshSwitch;
  readonly listener: StateListener;
  /** Somebody reads a value that is past its age. */
  readonly onAgedRead: (state: SecretState) => void;
  /** Of when that tells which has come of a question, asked then: what the process slept through tells of before. */
  readonly outcomeOf: (askedAt: number) => number;
  /** Somebody listens to the rotations of all. */
  readonly areRotationsHeard: () => boolean;
}

/** How a state tells the collection that it is in. */
export interface StateCollection {
  /** Takes over when its next event comes. */
  plan(state: SecretState, nextAt: number): void;
  /** It is kept for good from now on. */
  onKept(state: SecretState): void;
  /** It is not read by the clock any more, until it is loaded again. */
  onIdle(state: SecretState): void;
  /** The source has none, and there was none before. */
  onAbsent(state: SecretState, error: SecretError): void;
  /** A value arrived, or was confirmed: it may be evicted, or not any more. */
  onLoaded(state: SecretState): void;
  /** Nobody waits for it any more. */
  onFree(state: SecretState): void;
  /** It may no longer be served. */
  onEnded(state: SecretState): void;
}

/** One reading of the source, for all secrets that it answers. */
export interface Reading extends Arrival {
  /** Counts readings of this connection, in the order in which they were begun. */
  readonly number: number;
  /** One for all: what came together comes due together. */
  readonly random: number;
  /** One process reads for all who share a cache, in turns: it is due once an interval, and not by chance before its end. */
  readonly isForAll?: boolean | undefined;
  /** When it was found in a shared cache; `at` and `wall` are then of when the source gave it. */
  readonly foundAt?: Arrival | undefined;
  /** The times of those that have nothing of their own, worked out once for a policy. */
  common?: { readonly policy: RefreshPolicy; readonly times: Schedule };
}

/** A good answer of one reading. */
export interface GoodAnswer {
  readonly given: SecretVersion;
  readonly reading: Reading;
}

/** A new value on its way into a state, and what is to be done about it once all of its reading are in. */
export interface Load extends GoodAnswer {
  readonly prepared: PreparedValue;
  /** Filled in by the state; undefined where a newer answer came while this one was validated. */
  type: 'loaded' | 'rotated' | undefined;
  previousVersion: string | undefined;
  previousCreatedAt: Date | undefined;
  hasRecovered: boolean;
  replaced: ReplacedLease | undefined;
}

/** A lease whose credentials are in use no more, or are covered by another lease. */
export interface ReplacedLease extends OwnLease {
  /** Which of the secret's values it was for; undefined where that is still the current one. */
  readonly revision: number | undefined;
}
