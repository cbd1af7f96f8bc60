import { isDeepStrictEqual } from 'node:util';
import { isSecretError, SecretNotFoundError, SecretNotLoadedError, type SecretError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import { FieldPath } from '../secret/field-path.js';
import { fingerprint } from '../secret/fingerprint.js';
import type { Cell } from './cell.js';
import { createCell, emptyCell, fillCell } from './cell.js';
import type { PublishedValue } from './replaced-values.js';
import { ReplacedValues } from './replaced-values.js';
import type { RotationEvent } from './rotation-event.js';
import { VersionHolds } from './version-holds.js';

interface Place {
  readonly cell: Cell;
  readonly path: FieldPath | undefined;
  readonly listeners: Set<() => void>;
  /** Fingerprints of values that this place showed before, newest last: what an injection that overlaps rotations may still hold. */
  readonly shown: string[];
}

const SHOWN_BEFORE = 64;

export type LiveState = 'unloaded' | 'missing' | 'loaded' | 'ended';

/** The live value of one secret (in one version), and a cell for each of its fields that somebody reads. */
export class LiveSecret {
  /** What it showed before, for those who accept old values beside the current one. */
  readonly replaced = new ReplacedValues();
  /** Who works with which version. */
  readonly holds = new VersionHolds();
  readonly #root: Place;
  readonly #fields = new Map<string, Place>();
  readonly #rotationListeners = new Set<(event: RotationEvent) => void>();
  #current: PublishedValue | undefined;
  #state: LiveState = 'unloaded';
  #slow: () => unknown;
  /** Set where readers must start something when they read, as for a value past its age. */
  #onRead: (() => void) | undefined;

  constructor(
    readonly name: string,
    readonly connection: string,
    /** The version or stage asked for; undefined is the current one. */
    readonly requested: string | undefined,
  ) {
    this.#slow = () => {
      throw new SecretNotLoadedError(undefined, { secretName: name, connection });
    };
    this.#root = { cell: createCell(this.#slow), path: undefined, listeners: new Set(), shown: [] };
  }

  get state(): LiveState {
    return this.#state;
  }

  get current(): PublishedValue | undefined {
    return this.#current;
  }

  /** Milliseconds since 1970: the end of the lease, or when the source replaces the value; undefined where it does not say. */
  expiresAt: number | undefined;

  get cell(): Cell {
    return this.#root.cell;
  }

  /** The cell of a field, filled from now on; throws SecretFieldError for a malformed path alone. */
  field(path: string): Cell {
    return this.#place(path).cell;
  }

  /** The cell of a field that a reader asked for already. */
  knownField(path: string): Cell | undefined {
    return this.#fields.get(path)?.cell;
  }

  /** Calls back after each change of the value (of the field), until the returned function is called. */
  onChange(path: string | undefined, listener: () => void): () => void {
    const { listeners } = this.#place(path);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls back with each rotation of this secret (in this version), until the returned function is called. */
  onRotation(listener: (event: RotationEvent) => void): () => void {
    this.#rotationListeners.add(listener);
    return () => this.#rotationListeners.delete(listener);
  }

  announce(event: RotationEvent): void {
    for (const listener of [...this.#rotationListeners]) listener(event);
  }

  get listenerCount(): number {
    return [...this.#places()].reduce((sum, { listeners }) => sum + listeners.size, this.#rotationListeners.size);
  }

  /** True where `value` is what this place shows, or has shown of late. */
  hasShown(path: string | undefined, value: unknown): boolean {
    const place = this.#place(path);
    if (isDeepStrictEqual(this.#read(place), value)) return true;
    return place.shown.length > 0 && place.shown.includes(fingerprint(value));
  }

  /** Puts a new value into every cell. Returns the listeners to call, once all secrets of the batch are in place. */
  replace(next: PublishedValue, replacedAt: number): (() => void)[] {
    const previous = this.#current;
    if (previous) this.replaced.add(previous, replacedAt);
    const shownBefore = new Map([...this.#places()].map((place) => [place, this.#read(place)]));
    this.#current = next;
    this.#state = 'loaded';
    this.#onRead = undefined;
    const listeners: (() => void)[] = [];
    for (const [place, before] of shownBefore) {
      this.#fill(place);
      const after = this.#read(place);
      if (isDeepStrictEqual(before, after)) continue;
      if (before !== undefined) {
        place.shown.push(fingerprint(before));
        if (place.shown.length > SHOWN_BEFORE) place.shown.shift();
      }
      listeners.push(...place.listeners);
    }
    return listeners;
  }

  /** The version is the same, read anew: only the display time moves, and readers are in order again. */
  confirm(loadedAt: number): void {
    if (!this.#current) return;
    this.#current = { ...this.#current, loadedAt };
    this.#onRead = undefined;
    this.#state = 'loaded';
    for (const place of this.#places()) this.#fill(place);
  }

  /** The source has no such secret. A value that was there stays: only a secret that never was is missing. */
  markMissing(error?: SecretError): void {
    if (this.#current) return;
    this.#state = 'missing';
    this.#empty(() => {
      throw error ?? new SecretNotFoundError(undefined, { secretName: this.name, connection: this.connection });
    }, true);
  }

  /** The value is past its age: readers still get it, and each read calls `onRead`. */
  markAged(onRead: () => void): void {
    if (this.#state !== 'loaded') return;
    this.#onRead = onRead;
    for (const place of this.#places()) this.#fill(place);
  }

  /** The value may no longer be served. It is dropped; readers get the error. */
  end(error: () => SecretError): void {
    this.#state = 'ended';
    this.#current = undefined;
    this.replaced.drop();
    this.#empty(() => {
      throw error();
    }, false);
  }

  #place(path: string | undefined): Place {
    if (path === undefined) return this.#root;
    let place = this.#fields.get(path);
    if (!place) {
      place = { cell: createCell(this.#slow), path: FieldPath.parse(path), listeners: new Set(), shown: [] };
      this.#fields.set(path, place);
      if (this.#current) this.#fill(place);
      else if (this.#state === 'missing') place.cell.missing = true;
    }
    return place;
  }

  *#places(): Iterable<Place> {
    yield this.#root;
    yield* this.#fields.values();
  }

  #fill({ cell, path }: Place): void {
    const root = this.#current?.value;
    try {
      fillCell(cell, path ? path.resolve(root, this.name) : root);
    } catch (error) {
      const reason = isSecretError(error) ? error.located({ connection: this.connection }) : error;
      emptyCell(
        cell,
        () => {
          throw reason;
        },
        true,
      );
    }
    const onRead = this.#onRead;
    if (!onRead) return;
    const { live, value, slow, missing } = cell;
    emptyCell(
      cell,
      () => {
        onRead();
        return live ? value : slow();
      },
      missing,
    );
  }

  #empty(slow: () => never, missing: boolean): void {
    this.#slow = slow;
    for (const { cell } of this.#places()) emptyCell(cell, slow, missing);
  }

  /** What a place shows, without calling anything: undefined where it shows nothing. */
  #read({ path }: Place): unknown {
    const root = this.#current?.value;
    if (!path || root === undefined) return root;
    try {
      return path.resolve(root);
    } catch {
      return undefined;
    }
  }

  static {
    hideInOutput(LiveSecret.prototype, (self) => `[secret ${self.name}]`);
  }
}
