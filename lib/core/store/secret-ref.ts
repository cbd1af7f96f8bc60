import type { Observable } from 'rxjs';
import { hideInOutput } from '../redaction.js';
import { FieldPath } from '../secret/field-path.js';
import type { DeepReadonly } from '../secret/secret-value.js';
import { isBytes } from '../secret/secret-value.js';
import type { Cell } from './cell.js';
import { readCell, readCellOr } from './cell.js';
import { GuardedStream } from './guarded-stream.js';
import type { LiveSecret } from './live-secret.js';
import type { LiveStore } from './live-store.js';

export interface SecretRefOptions {
  readonly field?: string | undefined;
  /** True where a missing secret or field gives `fallback` in place of an error. */
  readonly optional?: boolean | undefined;
  readonly fallback?: unknown;
  /** Milliseconds for which replaced values stay in `accepted`. */
  readonly overlap?: number | undefined;
}

/** A handle that always shows a secret’s current value. Made by the client; never holds a copy. */
export class SecretRef<T = unknown> {
  readonly name: string;
  readonly #cell: Cell;
  readonly #secret: LiveSecret;
  readonly #store: LiveStore;
  readonly #options: SecretRefOptions & { readonly overlap: number };

  constructor(secret: LiveSecret, store: LiveStore, options: SecretRefOptions & { readonly overlap: number }) {
    this.name = secret.name;
    this.#secret = secret;
    this.#store = store;
    this.#options = options;
    const cell = options.field === undefined ? secret.cell : secret.field(options.field);
    this.#cell = cell;
    if (options.overlap > 0) secret.replaced.retain(options.overlap);
  }

  /** The current value. Throws SecretNotLoadedError before the first reading; a missing one throws unless the ref is optional. */
  get value(): DeepReadonly<T> {
    const cell = this.#cell;
    return (cell.live ? cell.value : this.#slowly()) as DeepReadonly<T>;
  }

  /** The current value first, then those replaced within the overlap, newest first: for checking signatures while both are valid. */
  get accepted(): readonly DeepReadonly<T>[] {
    const secret = this.#secret;
    const now = this.#store.clock.now();
    const { overlap } = this.#options;
    secret.replaced.forget(now);
    const current = this.value;
    const values: unknown[] = current === undefined ? [] : [current];
    for (const { value, replacedAt } of secret.replaced.newestFirst) {
      if (now - replacedAt >= overlap) continue;
      const part = this.#part(value);
      if (part !== undefined) values.push(part);
    }
    return values as DeepReadonly<T>[];
  }

  /** Forgets the replaced values now, as when one has leaked. */
  dropPrevious(): void {
    this.#secret.replaced.drop();
  }

  /** What the source calls the current value; undefined while there is none. */
  get version(): string | undefined {
    return this.#secret.current?.version;
  }

  /** When the current value was last read. Throws SecretNotLoadedError before the first reading. */
  get loadedAt(): Date {
    const { current } = this.#secret;
    if (!current) return readCell(this.#secret.cell) as never; // it throws why there is none
    return new Date(current.arrival.wall);
  }

  /** When the lease of the current value ends, or its source replaces it; undefined where neither is known. */
  get expiresAt(): Date | undefined {
    const { current, expiresAt } = this.#secret;
    return current === undefined || expiresAt === undefined ? undefined : new Date(expiresAt);
  }

  /** The current value, then each new one; of a field only where that field changes. Completes when the app closes. */
  get changes$(): Observable<DeepReadonly<T>> {
    return new GuardedStream<DeepReadonly<T>>((subscriber) => {
      if (this.#secret.current !== undefined) subscriber.next(this.value);
      if (this.#store.isClosed) {
        subscriber.complete();
        return undefined;
      }
      const stop = this.#secret.onChange(this.#options.field, () => {
        // An optional field that a rotation took away reads as the fallback; any other has an error to show to who reads it, and no value.
        if (!this.#cell.missing || this.#options.optional) subscriber.next(this.value);
      });
      const closing = this.#store.closed$.subscribe({ complete: () => subscriber.complete() });
      return () => {
        stop();
        closing.unsubscribe();
      };
    }, this.#store.onObserverFailure);
  }

  /** A ref of a part of this one. Throws SecretFieldError for a malformed path. */
  field<U = unknown>(path: string): SecretRef<U> {
    const { field } = this.#options;
    const whole = field === undefined ? path : `${field}.${path}`;
    return new SecretRef<U>(this.#secret, this.#store, { ...this.#options, field: whole, fallback: undefined });
  }

  #slowly(): unknown {
    return this.#options.optional ? readCellOr(this.#cell, this.#options.fallback) : readCell(this.#cell);
  }

  #part(value: unknown): unknown {
    const { field } = this.#options;
    if (field === undefined) return isBytes(value) ? Uint8Array.from(value) : value;
    try {
      return FieldPath.parse(field).resolve(value);
    } catch {
      return undefined; // the replaced value had no such field
    }
  }

  static {
    hideInOutput(SecretRef.prototype, (self) => `[secret ${self.name}]`);
  }
}
