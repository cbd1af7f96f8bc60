import type { SecretRuntime } from '../client/secret-runtime.js';
import { sourceTitle } from './source-title.js';
import type { ConnectionReport, StandingCounts } from './status-report.js';
import { headlineOf, levelOf } from './verdict.js';

/** What a look at a connection's secrets has found. */
export interface Looked {
  readonly counts: StandingCounts;
  /** How many of the secrets that have ended somebody holds on to. */
  readonly needed: number;
  readonly nextRefreshAt: Date | undefined;
}

/** What there is to say of one connection. */
export function connectionReport(runtime: SecretRuntime, { counts, needed, nextRefreshAt }: Looked): ConnectionReport {
  const { connection, source, channel, events } = runtime;
  const { session } = events;
  return {
    connection,
    source: source.kind,
    title: sourceTitle(source.kind),
    level: levelOf(counts, needed),
    headline: headlineOf(counts),
    counts,
    ...(nextRefreshAt && { nextRefreshAt }),
    isPaused: isPaused(runtime),
    consecutiveFailures: 0,
    channel: channel.status,
    ...(session && { session }),
  };
}

/** Whether scheduled and announced readings of a connection are paused. */
export const isPaused = (_: SecretRuntime): boolean => false;
