import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import type { Clock } from '../clock.js';
import { hideInOutput } from '../redaction.js';
import type { LiveSecret } from './live-secret.js';
import type { PublishedValue } from './replaced-values.js';
import { RotationEvent } from './rotation-event.js';

/** A new value for one secret, on its way to the readers. */
export interface Publication {
  readonly secret: LiveSecret;
  readonly next: PublishedValue;
  /** Whether readers waited for it, so that its first appearance is news. */
  readonly awaited: boolean;
}

/** Publishes new values: first every cell of the batch, then every listener, so that nobody sees one new value beside an old one. */
export class LiveStore {
  readonly #rotations = new Subject<RotationEvent>();
  readonly #closed = new Subject<void>();

  constructor(
    readonly connection: string,
    readonly clock: Clock,
  ) {}

  get rotations$(): Observable<RotationEvent> {
    return this.#rotations;
  }

  /** Emits and completes when the store closes; streams end with it. */
  get closed$(): Observable<void> {
    return this.#closed;
  }

  get isClosed(): boolean {
    return this.#closed.closed || this.#closed.isStopped;
  }

  publish(batch: readonly Publication[]): void {
    const now = this.clock.now();
    const at = new Date(this.clock.wall());
    const listeners: (() => void)[] = [];
    const events = new Map<LiveSecret, RotationEvent>();
    for (const { secret, next, awaited } of batch) {
      const before = secret.current;
      const appeared = before === undefined && awaited && secret.state !== 'unloaded';
      listeners.push(...secret.replace(next, now));
      if (before === undefined && !appeared) continue;
      const { name, connection } = secret;
      const facts = { name, connection, previousVersion: before?.version, version: next.version, at };
      events.set(secret, new RotationEvent(facts, before?.value, next.value));
    }
    for (const listener of listeners) listener();
    for (const [secret, event] of events) {
      secret.announce(event);
      // A stage that moved on is no rotation of the secret; who asked for that stage has been told.
      if (secret.requested === undefined) this.#rotations.next(event);
    }
  }

  close(): void {
    this.#rotations.complete();
    this.#closed.next();
    this.#closed.complete();
  }

  static {
    hideInOutput(LiveStore.prototype, (self) => `[secrets ${self.connection}]`);
  }
}
