import type { SecretErrorCode } from '../errors/index.js';
import type { SecretEvent } from '../refresh/secret-events.js';
import type { ObservedWork, WorkScope } from './observed-work.js';

/** What a source is asked to do. `revoke` is each ending of a lease, also of one that was replaced. */
export type SourceOperation = 'read' | 'readAll' | 'readPath' | 'list' | 'exists' | 'write' | 'renew' | 'revoke';

/** How a call of a source went. `interrupted`: nobody's fault, as the app closed, or the process stood still meanwhile. */
export type CallOutcome = 'ok' | 'interrupted' | SecretErrorCode;

/** How many names failed, by code. */
export type FailedNames = Readonly<Partial<Record<SecretErrorCode, number>>>;

/** Where it happened. */
export interface ObservedPlace {
  readonly connection: string;
  /** The source’s kind. */
  readonly source: string;
}

/** One secret (in one version or stage). */
export interface ObservedSecret extends ObservedPlace {
  readonly name: string;
  /** The version or stage that was asked for, where it is not the current one. */
  readonly requestedVersion?: string;
}

/** A call of the source that is over. */
export interface ObservedCall extends ObservedPlace {
  readonly operation: SourceOperation;
  /** How many names were asked for; of an enumeration, how many it gave. */
  readonly names: number;
  /** The code also where each name of the answer failed because of the source; else an answer is `ok`, whatever `failed` says of some. */
  readonly outcome: CallOutcome;
  /** Of an answer to many names: those that it gave no value for. Absent where there are none. */
  readonly failed?: FailedNames;
  /** On the wall clock. */
  readonly startedAt: Date;
  /** Milliseconds, on the monotonic clock. */
  readonly durationMs: number;
}

/** A secret's value has changed, and readers have the new one. */
export interface ObservedRotation extends ObservedSecret {
  readonly version?: string;
  readonly previousVersion?: string;
  /** Of the version, where the source tells it; on the source's clock. */
  readonly createdAt?: Date;
  /** When the announcement that had it read arrived in this process; absent where there was none. */
  readonly announcedAt?: Date;
  readonly publishedAt: Date;
}

/** From where a rotation's lag is counted: the announcement where there was one, else the version's creation. */
export type LagOrigin = 'announcement' | 'creation';

/** A rotation that everybody has followed: handlers have run, resources are swapped. */
export interface ObservedFollowing extends ObservedRotation {
  readonly followedAt: Date;
  /** Milliseconds; absent where nobody knows when the rotation began, as after a return to an older version. Never below 0, however clocks differ. */
  readonly lag?: { readonly from: LagOrigin; readonly ms: number };
}

/** A value that is not taken, so that the last good one stays. */
export interface ObservedRefusal extends ObservedSecret {
  /** Of the value that was refused. */
  readonly version: string;
  readonly by: 'schema' | 'hook' | 'field';
  readonly code: SecretErrorCode;
}

/** The other side (a database, an API) does not take what the secret holds. */
export interface ObservedRejection extends ObservedSecret {
  readonly by: 'withSecret' | 'use' | 'reportRejected';
}

/**
 * `building`, `built`, `validated`, `serving`: the steps to a resource that is in use. `failed`: it was not made, and is tried again while the app runs.
 * `draining`, `drained`: of the one that was replaced, or that the app's end closes. `closed`: there is none any more.
 */
export type ResourceStep =
  'building' | 'built' | 'validated' | 'serving' | 'failed' | 'draining' | 'drained' | 'closed';

/** What became of a resource of `rotatingProvider`. */
export interface ObservedResource extends ObservedSecret {
  readonly step: ResourceStep;
  /** Name of its token. */
  readonly resource: string;
  /** Of the secret that it is (or was) made from. */
  readonly version?: string;
  /** True of the steps to the first one, in the app's start. */
  readonly isFirst: boolean;
  readonly at: Date;
  /** Milliseconds: since `building` of what follows it, since `draining` of `drained`. */
  readonly durationMs?: number;
  /** Of `drained`: whether all work had ended before `drain` was over. */
  readonly isInTime?: boolean;
  /** Of `failed`: the code of ours, or that of the driver, or the name of what it threw. */
  readonly code?: string;
}

/** What a shared cache had, when it was asked. */
export interface ObservedLook extends ObservedPlace {
  /** The cache’s kind. */
  readonly cache: string;
  /** Secrets that it had something of, that it had nothing of, and that it failed to answer for. */
  readonly hits: number;
  readonly misses: number;
  readonly failed: number;
}

/**
 * Hears what happens in a connection, when it has happened. Plain data: never a value, a token or a body. What a method throws stops nothing and is
 * logged once, by the observer's class. Methods are called in the turn in which it happens: be brief.
 */
export interface Observer {
  sourceCalled?(call: ObservedCall): void;
  rotated?(rotation: ObservedRotation): void;
  rotationFollowed?(rotation: ObservedFollowing): void;
  valueRefused?(refusal: ObservedRefusal): void;
  secretRejected?(rejection: ObservedRejection): void;
  resourceChanged?(change: ObservedResource): void;
  cacheAsked?(look: ObservedLook): void;
  /** All that `events$` tells: of secrets, leases, the source's session, channels and caches. */
  happened?(event: SecretEvent): void;
  /** Work begins; undefined where it is not looked at. */
  begins?(work: ObservedWork): WorkScope | undefined;
  /** Who is asking now, as this observer knows: given back with the call that is made for all who do. */
  caller?(): unknown;
}
