import type { SecretError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import type { Arrival } from '../secret/arrival.js';
import { FieldPath } from '../secret/field-path.js';
import { fingerprint } from '../secret/fingerprint.js';
import type { Cell } from './cell.js';
import { emptyCell } from './cell.js';
import { notLoaded } from './not-loaded.js';
import type { Resolved } from './place.js';
import { Place, valueOf } from './place.js';
import type { PreparedPlace, PreparedValue } from './prepared-value.js';
import { NO_FIELDS, preparePlace, showPrepared } from './prepared-value.js';
import type { PublishedValue } from './replaced-values.js';
import { ReplacedValues } from './replaced-values.js';
import { RevisionHolds } from './revision-holds.js';
import type { RotationEvent } from './rotation-event.js';
import { RotationListeners, type RotationListener } from './rotation-listeners.js';
import { isSameValue } from '../secret/same-value.js';

export type LiveState = 'unloaded' | 'missing' | 'loaded' | 'ended';

/**
 * The live value of one secret (in one version), and a place for each of its fields that somebody reads. What few secrets need is made when it is
 * needed, for there may be many.
 */
export class LiveSecret {
  readonly #root: Place;
  #fields: Map<string, Place> | undefined;
  #replaced: ReplacedValues | undefined;
  #holds: RevisionHolds | undefined;
  #rotationListeners: RotationListeners | undefined;
  #current: PublishedValue | undefined;
  #revision = 0;
  /** Fingerprint of a value that ended: the same one again is not a rotation. */
  #endedMark: string | undefined;
  #state: LiveState = 'unloaded';
  /** What readers get while there is no value. */
  #slow: (() => never) | undefined;
  /** Set where readers must start something when they read, as for a value past its age. */
  #onRead: (() => void) | undefined;
  /** Milliseconds since 1970: the end of the lease, or when the source replaces the value; undefined where it does not say. */
  expiresAt: number | undefined;
  /** On the monotonic clock: when the credentials before the current ones ended, or will; undefined where they have no end. */
  previousEndsAt: number | undefined;

  constructor(
    readonly name: string,
    readonly connection: string,
    /** The version or stage asked for; undefined is the current one. */
    readonly requested: string | undefined,
  ) {
    this.#slow = notLoaded(name, connection, requested);
    this.#root = new Place(undefined, this.#slow);
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Counts the values that there were; 0 before the first. */
  get revision(): number {
    return this.#revision;
  }

  get current(): PublishedValue | undefined {
    return this.#current;
  }

  /** What it showed before, for those who accept old values beside the current one. */
  get replaced(): ReplacedValues {
    return (this.#replaced ??= new ReplacedValues());
  }

  /** Milliseconds for which replaced values are kept. */
  get retention(): number {
    return this.#replaced?.retention ?? 0;
  }

  /** Who works with which revision. */
  get holds(): RevisionHolds {
    return (this.#holds ??= new RevisionHolds());
  }

  get cell(): Cell {
    return this.#root.cell;
  }

  /** The cell of a field, filled from now on; throws SecretFieldError only for a malformed path. */
  field(path: string): Cell {
    return this.#place(path).cell;
  }

  /** The cell of a field that a reader asked for already. */
  knownField(path: string): Cell | undefined {
    return this.#fields?.get(path)?.cell;
  }

  /** Calls back after each change of the value (of the field), until the returned function is called. */
  onChange(path: string | undefined, listener: () => void): () => void {
    const { listeners } = this.#place(path);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls back with each rotation of this secret (in this version), until the returned function is called. */
  onRotation(listener: RotationListener): () => void {
    return (this.#rotationListeners ??= new RotationListeners()).add(listener);
  }

  get followed(): Promise<void> | undefined {
    return this.#rotationListeners?.followed;
  }

  get hasRotationListeners(): boolean {
    return this.#rotationListeners !== undefined && this.#rotationListeners.size > 0;
  }

  announce(event: RotationEvent): void {
    this.#rotationListeners?.tell(event);
  }

  get listenerCount(): number {
    return [...this.#places()].reduce((sum, place) => sum + place.listenerCount, this.#rotationListeners?.size ?? 0);
  }

  /** True where `value` is what this place shows, or has shown of late. */
  hasShown(path: string | undefined, value: unknown): boolean {
    const place = this.#place(path);
    return isSameValue(valueOf(this.#shownBy(place)), value) || place.hasShown(value);
  }

  /** Looks ahead at what a new value will show where: the costly part of a publication, done before it. */
  prepare(value: unknown, version: string, arrival: Arrival): PreparedValue {
    const isBack = this.#endedMark !== undefined && this.#endedMark === fingerprint(value);
    const next = { value, version, revision: this.#revision + (isBack ? 0 : 1), arrival };
    return {
      against: this.#revision,
      next,
      root: this.#ready(this.#root, value),
      fields: this.#fields ? [...this.#fields.values()].map((at) => this.#ready(at, value)) : NO_FIELDS,
    };
  }

  /** Puts a new value into every cell. Adds the listeners to call, once all secrets of the batch are in place. */
  replace(prepared: PreparedValue, replacedAt: number, listeners: (() => void)[]): void {
    const { value, version, arrival } = prepared.next;
    const isUpToDate = prepared.against === this.#revision && prepared.fields.length === (this.#fields?.size ?? 0);
    const { next, root, fields } = isUpToDate ? prepared : this.prepare(value, version, arrival);
    if (this.#current) this.#replaced?.add(this.#current, replacedAt);
    this.#revision = next.revision;
    this.#current = next;
    this.#state = 'loaded';
    this.#onRead = undefined;
    this.#slow = this.#endedMark = undefined;
    showPrepared(root, listeners);
    for (const field of fields) showPrepared(field, listeners);
  }

  /** The value is the same, read again: only what is told of it moves, and readers are in order again. */
  confirm(version: string, arrival: Arrival): void {
    if (!this.#current) return;
    const { value, revision } = this.#current;
    this.#current = { value, version, revision, arrival };
    if (!this.#onRead) return;
    this.#onRead = undefined;
    this.#showAll();
  }

  /** Lets go of replaced values that nobody accepts any more at `now`. */
  forgetReplaced(now: number): void {
    this.#replaced?.forget(now);
  }

  /** The source has no such secret. A value that was there stays: only a secret that never was is missing. */
  markMissing(error: SecretError): void {
    if (this.#current) return;
    this.#state = 'missing';
    this.#empty(() => {
      throw error;
    }, true);
  }

  /** The value is past its age: readers still get it, and each read calls `onRead`. */
  markAged(onRead: () => void): void {
    if (this.#state !== 'loaded') return;
    this.#onRead = onRead;
    this.#showAll();
  }

  /** The value may no longer be served. It is dropped; readers get the error. */
  end(error: () => SecretError): void {
    this.#state = 'ended';
    this.#endedMark = this.#current && fingerprint(this.#current.value);
    this.#current = undefined;
    this.#onRead = undefined;
    this.#replaced?.drop();
    this.#empty(() => {
      throw error();
    }, false);
  }

  #place(path: string | undefined): Place {
    if (path === undefined) return this.#root;
    const fields = (this.#fields ??= new Map<string, Place>());
    let place = fields.get(path);
    if (!place) {
      place = new Place(FieldPath.parse(path), this.#slow ?? nothing);
      fields.set(path, place);
      if (this.#current) this.#show(place);
      else if (this.#state === 'missing') place.cell.missing = true;
    }
    return place;
  }

  #ready(place: Place, value: unknown): PreparedPlace {
    return preparePlace(place, this.#shownBy(place), place.resolve(value, this.name, this.connection));
  }

  *#places(): Iterable<Place> {
    yield this.#root;
    if (this.#fields) yield* this.#fields.values();
  }

  #showAll(): void {
    for (const place of this.#places()) this.#show(place);
  }

  #show(place: Place): void {
    const resolved = this.#shownBy(place);
    if (resolved) place.show(resolved, this.#onRead);
  }

  #empty(slow: () => never, missing: boolean): void {
    this.#slow = slow;
    for (const { cell } of this.#places()) emptyCell(cell, slow, missing);
  }

  /** What a place shows, without calling anything; undefined where there is no value. */
  #shownBy(place: Place): Resolved | undefined {
    return this.#current && place.resolve(this.#current.value, this.name, this.connection);
  }

  static {
    hideInOutput(LiveSecret.prototype, (self) => `[secret ${self.name}]`);
  }
}

/** Of a cell that is filled at once. */
const nothing = (): undefined => undefined;
