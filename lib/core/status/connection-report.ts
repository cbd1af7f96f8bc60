import type { SecretRuntime } from '../client/secret-runtime.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import { sourceTitle } from './source-title.js';
import type { ConnectionReport, StandingCounts } from './status-report.js';
import { headlineOf, levelOf } from './verdict.js';

/** What a look at a connection's secrets has found. */
export interface Looked {
  readonly counts: StandingCounts;
  /** How many of the secrets that have ended somebody holds on to. */
  readonly needed: number;
  readonly nextRefreshAt: Date | undefined;
  readonly resources: readonly ResourceStatus[];
}

/** What there is to say of one connection. */
export function connectionReport(runtime: SecretRuntime, looked: Looked): ConnectionReport {
  const { counts, nextRefreshAt } = looked;
  const { connection, source, channel, events, calls, control } = runtime;
  const { lastAnswerAt, latencyMs, lastFailure, consecutiveFailures } = calls.status;
  const { session } = events;
  return {
    connection,
    source: source.kind,
    title: sourceTitle(source.kind),
    level: levelOf(looked),
    headline: headlineOf(looked),
    counts,
    ...(nextRefreshAt && { nextRefreshAt }),
    isPaused: control.isPaused,
    ...(lastAnswerAt && { lastAnswerAt }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(lastFailure && consecutiveFailures > 0 && { lastFailure }),
    consecutiveFailures,
    channel: channel.status,
    ...(session && { session }),
  };
}
