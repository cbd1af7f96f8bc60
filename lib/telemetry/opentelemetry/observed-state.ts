import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { MeasuredSecret, MeasuredState, SecretStanding } from '../../core/observe/measured-state.js';
import * as attribute from './attributes.js';
import type { Instruments } from './instruments.js';
import type { ObservedName } from './instrument-table.js';

const STANDINGS: readonly SecretStanding[] = ['current', 'stale', 'ended', 'absent', 'unloaded'];
const RESOURCE_STATES = ['serving', 'building', 'failed', 'closed'] as const;
const UP = 1;
const DOWN = 0;
const SECOND = 1_000;

export interface StateObservation {
  readonly result: BatchObservableResult;
  readonly instruments: Instruments;
  /** Of the connection. */
  readonly attributes: Attributes;
  readonly secretNames: boolean;
  /** Milliseconds since 1970. */
  readonly wall: number;
  readonly isUp: (cache: string) => boolean;
}

/**
 * How a connection stands, as measurements. What once was there is observed on, as 0: SDKs show the last value of what is not observed any more for ever
 * (opentelemetry-js does, against the specification).
 */
export function observeState(state: MeasuredState, observation: StateObservation): void {
  const { result, instruments, attributes, secretNames, wall, isUp } = observation;
  const observe = (name: ObservedName, value: number, more: Attributes = {}): void =>
    result.observe(instruments.observed[name], value, { ...attributes, ...more });
  const sum = new SecretSum();
  for (const secret of state.secrets) {
    sum.add(secret);
    if (!secretNames) continue;
    const named = { [attribute.NAME]: secret.name };
    if (secret.requestedVersion !== undefined) continue; // one name, one series
    if (secret.age !== undefined) observe('valueAge', secret.age / SECOND, named);
    if (secret.leaseRemaining !== undefined) observe('leaseRemaining', secret.leaseRemaining / SECOND, named);
  }
  for (const standing of STANDINGS) observe('secrets', sum.counts[standing], { [attribute.STATE]: standing });
  observe('leases', sum.leases);
  if (!secretNames) observe('valueAge', sum.oldest / SECOND);
  if (!secretNames && sum.leases > 0) observe('leaseRemaining', sum.leaseRemaining / SECOND);
  const { calls, session, channel, isPaused, resources, caches } = state;
  const { lastAnswerAt, consecutiveFailures } = calls;
  if (lastAnswerAt) observe('sourceAnswerAge', Math.max(0, wall - lastAnswerAt.getTime()) / SECOND);
  observe('sourceFailures', consecutiveFailures);
  if (session) observe('sessionUp', session.lastError ? DOWN : UP);
  if (session?.expiresAt) observe('sessionRemaining', Math.max(0, session.expiresAt.getTime() - wall) / SECOND);
  if (channel !== 'none') observe('channelUp', channel === 'live' ? UP : DOWN);
  observe('paused', isPaused ? 1 : 0);
  for (const cache of caches) observe('cacheUp', isUp(cache) ? UP : DOWN, { [attribute.CACHE]: cache });
  if (resources.length === 0) return;
  for (const standing of RESOURCE_STATES) {
    const count = resources.filter(({ state: stands }) => stands === standing).length;
    observe('resources', count, { [attribute.RESOURCE_STATE]: standing });
  }
  observe('draining', resources.filter(({ draining }) => draining).length);
}

/** All secrets in one pass. */
class SecretSum {
  readonly counts: Record<SecretStanding, number> = { current: 0, stale: 0, ended: 0, absent: 0, unloaded: 0 };
  oldest = 0;
  leases = 0;
  leaseRemaining = Number.POSITIVE_INFINITY;

  add({ standing, age = 0, leaseRemaining }: MeasuredSecret): void {
    this.counts[standing] += 1;
    this.oldest = Math.max(this.oldest, age);
    if (leaseRemaining === undefined) return;
    this.leases += 1;
    this.leaseRemaining = Math.min(this.leaseRemaining, leaseRemaining);
  }
}
