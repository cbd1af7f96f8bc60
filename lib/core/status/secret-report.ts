import type { SecretConsumer } from '../client/requirement.js';
import type { SecretRuntime } from '../client/secret-runtime.js';
import { statusOf } from '../client/status.js';
import { printable } from '../errors/printable.js';
import type { SecretEvent } from '../refresh/secret-events.js';
import type { SecretState } from '../tracking/secret-state.js';
import { standingOf } from './secret-standing.js';
import type { EventReport, SecretReport } from './status-report.js';
import { whyStale } from './why-stale.js';

/** What there is to say of one secret: `status()`, but for the lease's ID, and what people make of it. */
export function secretReport(
  state: SecretState,
  runtime: SecretRuntime,
  consumersOf: (state: SecretState) => readonly SecretConsumer[],
): SecretReport {
  const { source, lease, consumers, events, session: _, stale: __, ...status } = statusOf(state, runtime, consumersOf);
  const standing = standingOf(state, runtime.clock.now());
  const why = whyStale({ ...status, standing, source, lease, isPaused: state.isPaused });
  const { maxAge } = state.policy;
  return {
    ...status,
    id: `${runtime.connection}#${state.ordinal}`,
    name: printable(status.name),
    standing,
    ...(why !== undefined && { why: printable(why) }),
    ...(!lease && Number.isFinite(maxAge) && { maxAgeMs: maxAge }),
    ...(lease && {
      lease: { durationMs: lease.durationMs, renewable: lease.renewable, expiresAt: lease.expiresAt },
    }),
    consumers: consumers.map(consumerReport),
    events: events.map(eventReport),
  };
}

const consumerReport = ({ kind, name, member }: SecretConsumer): SecretConsumer => ({
  kind,
  name: printable(name),
  ...(member !== undefined && { member: printable(member) }),
});

const eventReport = ({ type, at, version, error }: SecretEvent): EventReport => ({
  type,
  at,
  ...(version !== undefined && { version }),
  ...(error && { code: error.code }),
});
