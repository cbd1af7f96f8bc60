import type { SecretRuntime } from '../client/secret-runtime.js';
import { printable } from '../errors/printable.js';
import { connectionHealth } from '../health/connection-health.js';
import { sourceTitle } from './source-title.js';
import type { ConnectionReport, StandingCounts } from './status-report.js';
import { headlineOf } from './verdict.js';

/** What a look at a connection's secrets has found. */
export interface Looked {
  readonly counts: StandingCounts;
  readonly nextRefreshAt: Date | undefined;
}

/** What there is to say of one connection. How bad it is, health says: whom a probe leaves in service, the page does not call down. */
export function connectionReport(runtime: SecretRuntime, { counts, nextRefreshAt }: Looked): ConnectionReport {
  const { connection, source, channel, events, calls, control, caches, resources } = runtime;
  const { lastAnswerAt, latencyMs, lastFailure, consecutiveFailures } = calls.status;
  const { session } = events;
  const { level, sessionCode } = connectionHealth(runtime, 0);
  const found = { counts, resources: resources.statuses, isDeaf: channel.status === 'lost' };
  return {
    connection,
    source: source.kind,
    title: sourceTitle(source.kind),
    level: level === 'up' ? 'ok' : level,
    headline: headlineOf({ ...found, isLoggedOut: sessionCode !== undefined }),
    counts,
    ...(nextRefreshAt && { nextRefreshAt }),
    isPaused: control.isPaused,
    ...(lastAnswerAt && { lastAnswerAt }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(lastFailure && consecutiveFailures > 0 && { lastFailure }),
    consecutiveFailures,
    channel: channel.status,
    channels: channel.states.map(({ kind, state }) => ({ kind: printable(kind), state })),
    caches: caches.statuses.map(({ kind, state }) => ({ kind: printable(kind), state })),
    ...(session && { session }),
  };
}
