import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import type { Clock } from '../clock.js';
import { hideInOutput } from '../redaction.js';
import type { LiveSecret } from './live-secret.js';
import { GuardedStream } from './guarded-stream.js';
import type { RotationEvent } from './rotation-event.js';
import { Publication } from './publication.js';
import type { ValueWatcher } from './value-watcher.js';

/** The live values of one connection, and the streams of what becomes of them. */
export class LiveStore {
  readonly #rotations = new Subject<RotationEvent>();
  readonly #closed = new Subject<void>();
  readonly #watchers = new Set<ValueWatcher>();
  #isClosed = false;

  constructor(
    readonly connection: string,
    readonly clock: Clock,
    /** Told what an observer of a stream of this connection threw. */
    readonly onObserverFailure: (error: unknown) => void = () => undefined,
  ) {
    Object.defineProperty(this, 'onObserverFailure', { enumerable: false });
  }

  get rotations$(): Observable<RotationEvent> {
    return GuardedStream.over(this.#rotations, this.onObserverFailure);
  }

  /** Somebody listens to the rotations of all secrets. */
  get areRotationsHeard(): boolean {
    return this.#rotations.observed;
  }

  /** Emits and completes when the store closes; streams end with it. */
  get closed$(): Observable<void> {
    return this.#closed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** New values for any number of secrets: they are in their cells as they are added, and told when all are. No reader runs in between. */
  publication(): Publication {
    const { clock } = this;
    const isHeard = (secret: LiveSecret): boolean => this.areRotationsHeard || secret.hasRotationListeners;
    const tell = (secret: LiveSecret, event: RotationEvent): void => this.#tell(secret, event);
    const onPlaced = (secret: LiveSecret, value: unknown): void =>
      this.#toldWatchers((watcher) => watcher.placed(secret, value));
    return new Publication(clock.now(), new Date(clock.wall()), isHeard, tell, onPlaced);
  }

  /** Tells the watcher of values from now on, until the returned function is called. */
  watchValues(watcher: ValueWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** There is a value that is not, or not any more, a current one. */
  noteAside(name: string, value: unknown): void {
    this.#toldWatchers((watcher) => watcher.aside(name, value));
  }

  close(): void {
    this.#isClosed = true;
    this.#rotations.complete();
    this.#closed.next();
    this.#closed.complete();
  }

  #toldWatchers(tell: (watcher: ValueWatcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        tell(watcher);
      } catch (error) {
        this.onObserverFailure(error);
      }
    }
  }

  #tell(secret: LiveSecret, event: RotationEvent): void {
    secret.announce(event);
    // A stage that moved on is not a rotation of the secret; who asked for that stage has been told.
    if (secret.requested === undefined) this.#rotations.next(event);
  }

  static {
    hideInOutput(LiveStore.prototype, (self) => `[secrets ${self.connection}]`);
  }
}
