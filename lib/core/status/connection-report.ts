import type { SecretRuntime } from '../client/secret-runtime.js';
import { connectionHealth } from '../health/connection-health.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import { sourceTitle } from './source-title.js';
import type { ConnectionReport, StandingCounts } from './status-report.js';
import { headlineOf } from './verdict.js';

/** What a look at a connection's secrets has found. */
export interface Looked {
  readonly counts: StandingCounts;
  readonly nextRefreshAt: Date | undefined;
  readonly resources: readonly ResourceStatus[];
}

/** What there is to say of one connection. Its level is that of its health: one rule for a page and for a probe. */
export function connectionReport(runtime: SecretRuntime, looked: Looked): ConnectionReport {
  const { counts, nextRefreshAt } = looked;
  const { connection, source, channel, events, calls, control } = runtime;
  const { lastAnswerAt, latencyMs, lastFailure, consecutiveFailures } = calls.status;
  const { session } = events;
  const { level, sessionCode, channel: deafness } = connectionHealth(runtime, 0);
  return {
    connection,
    source: source.kind,
    title: sourceTitle(source.kind),
    level: level === 'up' ? 'ok' : level,
    headline: headlineOf({ ...looked, isDeaf: deafness === 'lost', isLoginFailing: sessionCode !== undefined }),
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
