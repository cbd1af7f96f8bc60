import type { SecretError } from '../errors/index.js';
import type { Arrival } from '../secret/arrival.js';
import type { Lease } from '../secret/lease.js';
import type { SecretOrigin, SecretVersion, VersionKind } from '../secret/secret-version.js';
import type { SecretState } from './secret-state.js';

/** What is known of the value in use. */
export interface ServedFacts {
  /** As the source gave it, before hook and schema: what the next answer is compared with. */
  readonly given: SecretVersion;
  /** As it was extended last. */
  readonly lease: Lease | undefined;
  readonly arrival: Arrival;
}

/** What is left to tell of a value that may no longer be served. */
export interface EndedFacts {
  readonly version: string;
  readonly versionKind: VersionKind;
  readonly origin: SecretOrigin | undefined;
  /** Of the credentials that ended, where it was a dynamic secret. */
  readonly lease: Lease | undefined;
  readonly arrival: Arrival;
}

export function endedFacts({ given, lease, arrival }: ServedFacts): EndedFacts {
  return { version: given.version, versionKind: given.versionKind, origin: given.origin, lease, arrival };
}

/** Where a secret stands. A failure (of reading, of renewing) may stand beside each of these. */
export type SecretPhase =
  | { readonly kind: 'unloaded' }
  /** The source has none. */
  | { readonly kind: 'absent'; readonly error: SecretError }
  /** Readers get it. `isGone`: the last answer said that there is none any more. */
  | { readonly kind: 'served'; readonly facts: ServedFacts; readonly isGone: boolean }
  /** Its lease, or the time for which it may be stale, is over. */
  | { readonly kind: 'ended'; readonly facts: EndedFacts; readonly isGone: boolean };

/** A reading or a renewal that is queued or under way; one for all secrets that take part in it. */
export interface Attempt {
  readonly kind: 'reading' | 'renewal';
  /** On the monotonic clock. */
  since: number;
  /** False while it waits for the end of the turn. */
  started: boolean;
  /** Resolves when its answers are delivered, good or bad. Never rejects. */
  readonly promise: Promise<void>;
  /** The same for one of the secrets: its answer may come before the others'. */
  readonly of?: ((state: SecretState) => Promise<void>) | undefined;
}

/** Resolves when this secret's answer is delivered. */
export const settledOf = (attempt: Attempt, state: SecretState): Promise<void> =>
  attempt.of?.(state) ?? attempt.promise;

export type TransitionType =
  | 'loaded'
  | 'rotated'
  | 'failed'
  | 'recovered'
  | 'lease-renewed'
  | 'lease-renewal-failed'
  | 'lease-ending'
  | 'lease-released'
  | 'lease-release-failed'
  | 'ended'
  | 'announced-not-seen';

/** What there is to tell of a transition. */
export interface TransitionFacts {
  readonly version?: string | undefined;
  /** Of a rotation. */
  readonly previousVersion?: string | undefined;
  /** Of a rotation: of this version and of the one before, where the source tells it. */
  readonly createdAt?: Date | undefined;
  readonly previousCreatedAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
  readonly retryAt?: Date | undefined;
  readonly error?: SecretError | undefined;
  /** Of a value that was found in a shared cache. */
  readonly from?: SecretOrigin['from'] | undefined;
}
