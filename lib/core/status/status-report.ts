import type { SecretConsumer } from '../client/requirement.js';
import type { VersionKind } from '../secret/secret-version.js';
import type { SecretErrorCode } from '../errors/index.js';
import type { SecretEventType, SessionStatus } from '../refresh/secret-events.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import type { ChannelState, ChannelStatus } from '../refresh/watching.js';
import type { CacheStatus } from '../shared/tier-health.js';
import type { SecretStanding } from './secret-standing.js';

/** How secrets stand in one process, for people and programs: plain data, and never a value. Times are `Date`s, in JSON ISO 8601. */
export interface StatusReport {
  /** By this process's clock. */
  readonly at: Date;
  readonly replica: Replica;
  readonly verdict: Verdict;
  readonly connections: readonly ConnectionReport[];
  /** Those of `rotatingProvider`. */
  readonly resources: readonly ResourceStatus[];
  readonly secrets: readonly SecretReport[];
}

/** Which of many replicas this is. */
export interface Replica {
  readonly host: string;
  readonly pid: number;
  /** When the process started. */
  readonly startedAt: Date;
  /** Of this package. */
  readonly version: string;
  /** Of Node.js. */
  readonly node: string;
}

/** `ok`; `degraded`: something fails, and what is there serves; `down`: a required secret, or a resource, is not there. */
export type StatusLevel = 'ok' | 'degraded' | 'down';

export interface Verdict {
  readonly level: StatusLevel;
  /** What is the matter, or that nothing is. One sentence, without spans of time. */
  readonly headline: string;
  /** The headline, when the source answered, and what comes next, with spans of time. */
  readonly text: string;
}

export type StandingCounts = Readonly<Record<SecretStanding, number>>;

export interface ConnectionReport {
  readonly connection: string;
  /** The source's kind. */
  readonly source: string;
  /** As people call it. */
  readonly title: string;
  readonly level: StatusLevel;
  readonly headline: string;
  readonly counts: StandingCounts;
  readonly nextRefreshAt?: Date;
  readonly isPaused: boolean;
  readonly lastAnswerAt?: Date;
  /** Milliseconds: a moving average of what the source's answers took. */
  readonly latencyMs?: number;
  /** Of the last call that failed because of the source, where none was answered since. */
  readonly lastFailure?: { readonly at: Date; readonly code: SecretErrorCode };
  readonly consecutiveFailures: number;
  readonly channel: ChannelStatus;
  /** Who tells of changes, each by itself. */
  readonly channels: readonly Pick<ChannelState, 'kind' | 'state'>[];
  /** The shared caches, as they are asked. */
  readonly caches: readonly Pick<CacheStatus, 'kind' | 'state'>[];
  readonly session?: SessionStatus;
}

export interface SecretReport {
  /** Unique within the process, and the same for as long as the secret is known. */
  readonly id: string;
  readonly name: string;
  readonly connection: string;
  readonly requestedVersion?: string;
  readonly version?: string;
  /** `process`: a version that tells nothing to other replicas. */
  readonly versionKind?: VersionKind;
  readonly standing: SecretStanding;
  /** Why it stands so, in one sentence, where something is wrong. */
  readonly why?: string;
  readonly loadedAt?: Date;
  readonly from: 'source' | 'disk' | 'redis';
  readonly nextRefreshAt?: Date;
  /** Absent where it may grow as old as it will. */
  readonly maxAgeMs?: number;
  readonly lease?: { readonly durationMs: number; readonly renewable: boolean; readonly expiresAt: Date };
  readonly attempt?: { readonly kind: 'reading' | 'renewal'; readonly since: Date };
  /** Set while it is not read by itself. */
  readonly pausedSince?: Date;
  readonly channel: ChannelStatus;
  readonly lastError?: { readonly code: SecretErrorCode; readonly message: string };
  /** Who is given it, each place once. */
  readonly consumers: readonly SecretConsumer[];
  /** The last ones, oldest first. */
  readonly events: readonly EventReport[];
}

export interface EventReport {
  readonly type: SecretEventType;
  readonly at: Date;
  readonly version?: string;
  readonly code?: SecretErrorCode;
}
