import type { SecretRuntime } from '../client/secret-runtime.js';
import { displayed } from '../clock.js';
import { printable, printableStart } from '../errors/printable.js';
import { hideInOutput } from '../redaction.js';
import type { ChannelStatus } from '../refresh/watching.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import type { SecretState } from '../tracking/secret-state.js';
import { connectionReport } from './connection-report.js';
import { secretReport } from './secret-report.js';
import type { SecretStanding } from './secret-standing.js';
import { standingOf } from './secret-standing.js';
import type { ConnectionReport, Replica, SecretReport, StatusReport, Verdict } from './status-report.js';
import { noCounts, verdictOf } from './verdict.js';

/** Of a secret: its ID, and what of it is another than at the last look; null where it is not there any more. */
export type SecretChanges = { readonly id: string } & { readonly [K in keyof SecretReport]?: SecretReport[K] | null };

/** What is another than at the last look. */
export interface StatusChanges {
  readonly at: Date;
  readonly verdict: Verdict;
  /** All of both, where something of one has changed. */
  readonly connections?: readonly ConnectionReport[];
  readonly resources?: readonly ResourceStatus[];
  readonly secrets: readonly SecretChanges[];
  /** IDs of those that are not known any more. */
  readonly gone: readonly string[];
}

/** What tells, by a comparison of references, that a secret's report would be another one now. */
interface Seen {
  readonly phase: SecretState['phase'];
  readonly failure: SecretState['anyFailure'];
  readonly attempt: SecretState['attempt'];
  readonly nextAttemptAt: number;
  readonly policy: SecretState['policy'];
  readonly isPaused: boolean;
  readonly standing: SecretStanding;
  readonly channel: ChannelStatus;
  readonly report: SecretReport;
  look: number;
}

interface Connection {
  readonly runtime: SecretRuntime;
  readonly seen: Map<SecretState, Seen>;
  /** Kept, as two clocks a little apart would have it change at each look. */
  next: { readonly at: number; readonly shown: Date | undefined };
}

const NOTHING_PLANNED = { at: Number.POSITIVE_INFINITY, shown: undefined };

/**
 * What is known of all secrets of an app, and what of it changes. Nothing is subscribed to: who watches looks now and then, once for all who watch, so that
 * a burst of rotations costs no more than one look, and what has not changed costs a comparison.
 */
export class StatusFeed {
  readonly #connections: readonly Connection[];
  readonly #replica: Replica;
  #look = 0;
  /** What was told of connections and resources, as JSON, at the last look. */
  #told = '';

  constructor(runtimes: readonly SecretRuntime[], replica: Replica) {
    this.#connections = runtimes.map((runtime) => ({
      runtime,
      seen: new Map<SecretState, Seen>(),
      next: NOTHING_PLANNED,
    }));
    this.#replica = replica;
  }

  /** All of it, as it was at the last look. */
  report(): StatusReport {
    const at = this.#at;
    const connections = this.#connections.map((connection) => this.#summary(connection));
    const secrets = this.#connections.flatMap(({ seen }) => [...seen.values()].map(({ report }) => report));
    const resources = this.#resources;
    const verdict = verdictOf(connections, resources, at);
    return { at, replica: this.#replica, verdict, connections, resources, secrets };
  }

  /** What is another than at the last look: all of it, at the first one. */
  look(): StatusChanges {
    this.#look += 1;
    const [secrets, gone]: [SecretChanges[], string[]] = [[], []];
    for (const connection of this.#connections) this.#lookAt(connection, secrets, gone);
    const at = this.#at;
    const connections = this.#connections.map((connection) => this.#summary(connection));
    const resources = this.#resources;
    const told = JSON.stringify([connections, resources]);
    const haveChanged = told !== this.#told;
    this.#told = told;
    const verdict = verdictOf(connections, resources, at);
    return { at, verdict, ...(haveChanged && { connections, resources }), secrets, gone };
  }

  /** Nobody watches any more: nothing is kept. */
  forget(): void {
    for (const { seen } of this.#connections) seen.clear();
    this.#told = '';
  }

  get #at(): Date {
    return new Date(this.#connections[0]?.runtime.clock.wall() ?? Date.now());
  }

  get #resources(): readonly ResourceStatus[] {
    return this.#connections.flatMap(({ runtime }) => runtime.resources.statuses.map(resourceReport));
  }

  #lookAt({ runtime, seen }: Connection, changes: SecretChanges[], gone: string[]): void {
    const now = runtime.clock.now();
    const channel = runtime.channel.status;
    let consumersOf: ReturnType<SecretRuntime['consumers']['look']> | undefined;
    for (const state of runtime.secrets) {
      const known = seen.get(state);
      if (known) known.look = this.#look;
      const standing = standingOf(state, now);
      if (known && isSame(known, state, standing, channel)) continue;
      // An app is looked through once, and only where there is something to tell.
      const report = secretReport(state, runtime, (consumersOf ??= runtime.consumers.look()));
      const changed = known ? changesOf(known.report, report) : report;
      if (changed) changes.push(changed);
      const { phase, anyFailure: failure, attempt, nextAttemptAt, policy, isPaused } = state;
      const facts = { phase, failure, attempt, nextAttemptAt, policy, isPaused, standing, channel };
      seen.set(state, { ...facts, report, look: this.#look });
    }
    for (const [state, { look, report }] of seen) {
      if (look === this.#look) continue;
      seen.delete(state);
      gone.push(report.id);
    }
  }

  #summary(connection: Connection): ConnectionReport {
    const { runtime, seen } = connection;
    const { nextAt } = runtime.secrets;
    if (nextAt !== connection.next.at) connection.next = { at: nextAt, shown: displayed(nextAt, runtime.clock) };
    const counts = noCounts();
    for (const { report } of seen.values()) counts[report.standing] += 1;
    return connectionReport(runtime, { counts, nextRefreshAt: connection.next.shown });
  }

  static {
    hideInOutput(StatusFeed.prototype, () => '[secrets status]');
  }
}

/** Names of tokens come from outside, and so do codes of drivers. */
const resourceReport = (status: ResourceStatus): ResourceStatus => ({
  ...status,
  name: printable(status.name),
  secret: printable(status.secret),
  ...(status.lastError && { lastError: { ...status.lastError, code: printableStart(status.lastError.code, 100) } }),
});

const isSame = (seen: Seen, state: SecretState, standing: SecretStanding, channel: ChannelStatus): boolean =>
  seen.phase === state.phase &&
  seen.failure === state.anyFailure &&
  seen.attempt === state.attempt &&
  seen.nextAttemptAt === state.nextAttemptAt &&
  seen.policy === state.policy &&
  seen.isPaused === state.isPaused &&
  seen.standing === standing &&
  seen.channel === channel;

/** Undefined where there is nothing to tell. */
function changesOf(before: SecretReport, after: SecretReport): SecretChanges | undefined {
  const changes: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof SecretReport>) {
    const [was, is] = [before[key], after[key]];
    if (was === is || JSON.stringify(was) === JSON.stringify(is)) continue;
    changes[key] = is ?? null;
  }
  return Object.keys(changes).length === 0 ? undefined : { ...changes, id: after.id };
}
