import type { SecretRuntime } from '../client/secret-runtime.js';
import type { SecretErrorCode } from '../errors/index.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import type { SecretState } from '../tracking/secret-state.js';

/** `degraded`: it serves, and something is to be looked at. `down`: somebody needs what is not there. */
export type HealthLevel = 'up' | 'degraded' | 'down';

/**
 * What is wrong with one secret. `ended`: its lease, or `maxStale`, is over. `not-there`: it never had a value. `gone`: the source has it no more, and the
 * last value serves. `failing`: it could not be read, or its lease not be extended, and the last value serves.
 */
export type SecretProblem = 'ended' | 'not-there' | 'gone' | 'failing';

export interface SecretTrouble {
  readonly name: string;
  readonly problem: SecretProblem;
  /** True where the start of the app would fail without it. */
  readonly required: boolean;
  readonly code?: SecretErrorCode;
  /** Seconds since the source gave it, or said that it is as it was. */
  readonly ageSeconds?: number;
}

/** What is wrong with one resource of `rotatingProvider`: there is none to work with, or it could not be rebuilt and the old one serves. */
export interface ResourceTrouble {
  readonly name: string;
  readonly secret: string;
  readonly problem: 'not-there' | 'swap-fails';
  readonly failures: number;
  /** Of the error by which the last try failed: its code, or its name. */
  readonly code?: string;
}

/** How one connection stands: names, codes and ages; never a value, nor a text of the source's. */
export interface ConnectionHealth {
  readonly level: HealthLevel;
  /** The source's kind. */
  readonly source: string;
  /** How many have a value. */
  readonly secrets: number;
  /** Seconds since the one was given that was given first; of those without a lease. */
  readonly oldestSeconds?: number;
  /** Since when refreshing is paused: chosen, and no fault. */
  readonly pausedSince?: string;
  /** Whoever announces changes is deaf. */
  readonly channel?: 'lost';
  /** Of the source's own login or token, where that failed last. */
  readonly sessionCode?: SecretErrorCode;
  /** The worst first. */
  readonly troubles?: readonly SecretTrouble[];
  readonly resources?: readonly ResourceTrouble[];
  /** How many troubles are not listed. */
  readonly more?: number;
}

/** A probe is asked every few seconds, and its answer is logged: more are counted. */
const MOST_LISTED = 20;

/**
 * Down only where a required secret has ended or was never there, or a resource has no living one: whoever needs it fails. An outage of only the source is
 * degraded, for what is there serves. A closing is nobody's fault.
 * @param degradedAfter milliseconds since a failing secret was last read well, below which it is no trouble yet.
 */
export function connectionHealth(runtime: SecretRuntime, degradedAfter: number): ConnectionHealth {
  const { source, clock, control, events, channel, resources, updater } = runtime;
  const troubles: SecretTrouble[] = [];
  let secrets = 0;
  let oldest = Number.POSITIVE_INFINITY;
  const now = clock.now();
  for (const state of runtime.secrets) {
    if (state.canServe(now)) secrets += 1;
    if (state.facts && !state.isDynamic) oldest = Math.min(oldest, state.facts.arrival.at);
    const trouble = troubleOf(state, now, degradedAfter);
    if (trouble) troubles.push(trouble);
  }
  const ofResources = resources.statuses.flatMap((status) => resourceTrouble(status) ?? []);
  const isClosing = updater.isShut;
  const sessionCode = isClosing ? undefined : events.session?.lastError?.code;
  const isLost = !isClosing && channel.status === 'lost';
  const pausedSince = control.pausedSince?.toISOString();
  const isDown = troubles.some(isGrave) || ofResources.some(({ problem }) => problem === 'not-there');
  const isDegraded = troubles.length > 0 || ofResources.length > 0 || isLost || sessionCode !== undefined;
  const level = isClosing ? 'up' : isDown ? 'down' : isDegraded ? 'degraded' : 'up';
  const listed = [...troubles.filter(isGrave), ...troubles.filter((one) => !isGrave(one))].slice(0, MOST_LISTED);
  const listedResources = ofResources.slice(0, MOST_LISTED);
  const more = troubles.length - listed.length + ofResources.length - listedResources.length;
  return {
    level,
    source: source.kind,
    secrets,
    ...(Number.isFinite(oldest) && { oldestSeconds: seconds(now - oldest) }),
    ...(pausedSince !== undefined && { pausedSince }),
    ...(isLost && { channel: 'lost' as const }),
    ...(sessionCode !== undefined && { sessionCode }),
    ...(!isClosing && listed.length > 0 && { troubles: listed }),
    ...(!isClosing && listedResources.length > 0 && { resources: listedResources }),
    ...(!isClosing && more > 0 && { more }),
  };
}

const isGrave = ({ required, problem }: SecretTrouble): boolean =>
  required && (problem === 'ended' || problem === 'not-there');

function troubleOf(state: SecretState, now: number, degradedAfter: number): SecretTrouble | undefined {
  const { demand, phase, facts, anyFailure: failure, isGone } = state;
  const { isRequired: required, isKept } = demand;
  const problem = problemOf(state, now);
  if (problem === undefined) return undefined;
  // What was fetched once and has ended, or an optional secret that is not there, is missed by nobody.
  if (problem === 'ended' && !isKept) return undefined;
  if (problem === 'not-there' && !required && (!isKept || !failure || isGone)) return undefined;
  const arrival = phase.kind === 'served' || phase.kind === 'ended' ? phase.facts.arrival : undefined;
  if (problem === 'failing' && facts && now - facts.arrival.at < degradedAfter) return undefined;
  return {
    name: state.name,
    problem,
    required,
    ...(failure && { code: failure.error.code }),
    ...(arrival && { ageSeconds: seconds(now - arrival.at) }),
  };
}

function problemOf(state: SecretState, now: number): SecretProblem | undefined {
  if (!state.wasLoaded) return 'not-there';
  if (!state.canServe(now)) return 'ended';
  if (state.isGone) return 'gone';
  return state.anyFailure ? 'failing' : undefined;
}

function resourceTrouble(status: ResourceStatus): ResourceTrouble | undefined {
  const { name, secret, state, isAlive, failures, lastError, version } = status;
  if (state === 'closed') return undefined;
  // The first one of a module that is being loaded is nothing that was there.
  const isBegun = version !== undefined || failures > 0;
  const problem = !isAlive ? isBegun && 'not-there' : state === 'failed' && 'swap-fails';
  if (!problem) return undefined;
  return { name, secret, problem, failures, ...(lastError && { code: lastError.code }) };
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);
