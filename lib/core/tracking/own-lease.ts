import type { Lease } from '../secret/lease.js';
import type { SecretPhase } from './transitions.js';

export interface OwnLease {
  readonly lease: Lease;
  /** At the latest, on the monotonic clock. */
  readonly livesUntil: number;
}

/**
 * The lease that this process opened for a value, as long as it may live at the source: also where the value may no longer be served, for credentials
 * that came while the process stood still are taken to be as old as their question, and may be as young as their arrival.
 */
export function ownLease(phase: SecretPhase, now: number): OwnLease | undefined {
  if (phase.kind !== 'served' && phase.kind !== 'ended') return undefined;
  const { lease, arrival } = phase.facts;
  const origin = phase.kind === 'served' ? phase.facts.given.origin : phase.facts.origin;
  // What was found in a shared cache belongs to the process that opened it.
  if (!lease || origin) return undefined;
  const livesUntil = (arrival.latest ?? arrival.at) + lease.duration;
  return phase.kind === 'served' || livesUntil > now ? { lease, livesUntil } : undefined;
}
