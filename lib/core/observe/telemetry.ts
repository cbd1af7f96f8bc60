import type { Clock } from '../clock.js';
import type { Unsubscribe } from '../source/secret-source.js';
import type { MeasuredState } from './measured-state.js';
import type { ObservedPlace, Observer } from './observer.js';

/** What a telemetry is given of a connection: never a value. */
export interface MeasuredConnection extends ObservedPlace {
  readonly clock: Pick<Clock, 'now' | 'wall' | 'setTimer'>;
  /** Tells the observer what happens, from now on. */
  observe(observer: Observer): Unsubscribe;
  /** How it stands now. Costs a look at each of its secrets. */
  state(): MeasuredState;
}

/** One connection that is measured. */
export interface Measuring {
  /** Called before the first load: resolves when nothing of it would go unseen. Never rejects. */
  ready?(): Promise<void> | undefined;
  /** The connection has closed: nothing is told, or left, from now on. */
  close(): void;
}

/** Who measures connections: `openTelemetry()` of `nestjs-hcp-vault/opentelemetry`. */
export interface Telemetry {
  readonly kind: string;
  /** Called once for each connection, before it does anything. */
  measure(connection: MeasuredConnection): Measuring;
}
