import type { Clock } from '../clock.js';
import { Observations } from '../observe/observations.js';
import type { ObservedRejection } from '../observe/observer.js';
import { observedSecret } from '../observe/observed-secret.js';
import { Rotations } from '../observe/rotations.js';
import { SourceCalls } from '../observe/source-calls.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { SecretEvents } from '../refresh/secret-events.js';
import { Resources } from '../rotation/resources.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { Consumers } from './consumers.js';

export interface ConnectionObservationOptions {
  readonly connection: string;
  readonly sourceKind: string;
  readonly clock: Clock;
  readonly log: ConnectionLog;
  readonly events: SecretEvents;
  readonly secrets: () => TrackedSecrets;
  /** By the option of this name. */
  readonly required: readonly string[];
  /** When the announcement arrived that had a secret read, in milliseconds since 1970; asked once a rotation. */
  readonly takeAnnouncedAt: (state: SecretState) => number | undefined;
  /** True when the app closes. */
  readonly isOver: () => boolean;
}

/** How operators see into one connection. */
export class ConnectionObservation {
  readonly observations: Observations;
  readonly calls: SourceCalls;
  readonly resources: Resources;
  readonly rotations: Rotations;
  readonly consumers: Consumers;
  readonly onRejected: (state: SecretState, by: ObservedRejection['by']) => void;

  constructor(given: ConnectionObservationOptions) {
    const { connection, sourceKind, clock, log, events, secrets, required, takeAnnouncedAt, isOver } = given;
    const observations = (this.observations = new Observations({ connection, log, events }));
    const common = { connection, sourceKind, clock, observations };
    this.calls = new SourceCalls(common);
    this.resources = new Resources(common);
    this.rotations = new Rotations({ ...common, takeAnnouncedAt, isOver });
    this.consumers = new Consumers(secrets, required);
    this.onRejected = ({ live }, by) =>
      observations.tell('secretRejected', () => ({ ...observedSecret(live, sourceKind), by }));
  }
}
