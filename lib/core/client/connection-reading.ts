import { SourceCall } from '../cache/source-call.js';
import { SourceReader } from '../cache/source-reader.js';
import { ValueValidation } from '../cache/value-validation.js';
import type { Clock } from '../clock.js';
import type { Observations } from '../observe/observations.js';
import type { SourceCalls } from '../observe/source-calls.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { Pauses } from '../refresh/pauses.js';
import { ReadResultHandler } from '../refresh/read-results.js';
import { ReplacedLeases } from '../refresh/replaced-leases.js';
import type { TransitionQueue } from '../refresh/transition-queue.js';
import type { SecretSource } from '../source/secret-source.js';
import type { LiveStore } from '../store/live-store.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { ConnectionCaches } from './connection-caches.js';
import type { ResolvedClientOptions } from './resolve-client-options.js';

export interface ConnectionReadingOptions {
  readonly connection: string;
  readonly sourceKind: string;
  readonly source: SecretSource;
  readonly options: Pick<ResolvedClientOptions, 'timeout' | 'hook' | 'schema'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pauses: Pauses;
  readonly secrets: TrackedSecrets;
  readonly store: LiveStore;
  readonly caches: ConnectionCaches;
  readonly transitions: TransitionQueue;
  readonly observations: Observations;
  readonly calls: SourceCalls;
  readonly log: ConnectionLog;
  /** Called after each reading, when its answers have been delivered. */
  readonly onSettled: (states: readonly SecretState[]) => void;
}

/** Asks the source of one connection, and brings what it answers through hook, schema and state to the readers. */
export class ConnectionReading {
  readonly call: SourceCall;
  readonly reader: SourceReader;
  readonly validation: ValueValidation;
  readonly replacedLeases: ReplacedLeases;

  constructor(given: ConnectionReadingOptions) {
    const { source, caches, secrets, connection, sourceKind, clock, random, pauses, calls, log } = given;
    const { store, transitions, observations, onSettled } = given;
    const { timeout, hook, schema } = given.options;
    const asking = { timeout, clock, connection, pauses, calls, fingerprintKey: caches.fingerprintKey };
    const call = (this.call = new SourceCall(source, asking));
    const validation = (this.validation = new ValueValidation({ hook, schema, connection, sourceKind }));
    const replacedLeases = (this.replacedLeases = new ReplacedLeases({ call, clock, log }));
    const taking = { call, store, validation, clock, transitions, replacedLeases, observations, sourceKind };
    const results = new ReadResultHandler(taking);
    this.reader = new SourceReader({
      call,
      clock,
      pauses,
      random,
      onSettled,
      shared: caches.readings,
      callers: () => observations.callers(),
      deliver: (answers) => results.deliver(answers),
      onUnwanted: (name, { lease }) => lease && replacedLeases.discard(secrets.obtain(name), lease),
    });
  }
}
