import { hideInOutput } from '../redaction.js';
import type { LiveSecret } from './live-secret.js';
import type { PreparedValue } from './prepared-value.js';
import { RotationEvent } from './rotation-event.js';

/** Publishes what came together in one step: first every cell, then every listener, so that nobody sees one new value beside an old one. */
export class Publication {
  readonly #listeners: (() => void)[] = [];
  readonly #events: { readonly secret: LiveSecret; readonly event: RotationEvent }[] = [];

  constructor(
    private readonly now: number,
    private readonly at: Date,
    private readonly isHeard: (secret: LiveSecret) => boolean,
    private readonly tell: (secret: LiveSecret, event: RotationEvent) => void,
    /** Called before the cells have the value. */
    private readonly onPlaced: (secret: LiveSecret, value: unknown) => void,
  ) {}

  /** @param awaited whether readers waited for it, so that its first appearance is news. */
  add(secret: LiveSecret, prepared: PreparedValue, awaited: boolean): void {
    const before = secret.current;
    const isNew = secret.revision !== prepared.next.revision;
    const appeared = before === undefined && awaited && secret.state !== 'unloaded' && isNew;
    this.onPlaced(secret, prepared.next.value);
    secret.replace(prepared, this.now, this.#listeners);
    if ((before === undefined && !appeared) || !this.isHeard(secret)) return;
    const { name, connection } = secret;
    const { value, version } = prepared.next;
    const previous = { previousVersion: before?.version, previousRevision: before?.revision };
    const told = { name, connection, ...previous, version, at: this.at };
    this.#events.push({ secret, event: new RotationEvent(told, before?.value, value) });
  }

  /** Tells everybody. */
  flush(): void {
    for (const listener of this.#listeners) listener();
    for (const { secret, event } of this.#events) this.tell(secret, event);
  }

  static {
    hideInOutput(Publication.prototype, () => '[secrets]');
  }
}
