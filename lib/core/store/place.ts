import { isSecretError } from '../errors/index.js';
import type { FieldPath } from '../secret/field-path.js';
import { fingerprint } from '../secret/fingerprint.js';
import type { Cell } from './cell.js';
import { createCell, emptyCell, fillCell } from './cell.js';
import { isSameValue } from '../secret/same-value.js';

/** What a place is to show of a value: its part, or why there is none. */
export type Resolved = { readonly value: unknown } | { readonly error: unknown };

/** Fingerprints that are kept of what a place has shown. */
const SHOWN_BEFORE = 64;

/** Where readers read a secret, or a field of it: a cell, and who wants to hear of changes. */
export class Place {
  readonly cell: Cell;
  #listeners: Set<() => void> | undefined;
  /** Fingerprints of values that this place showed before, newest last: what an injection that overlaps rotations may still hold. */
  #shown: string[] | undefined;

  constructor(
    readonly path: FieldPath | undefined,
    slow: () => unknown,
  ) {
    this.cell = createCell(slow);
  }

  /** Made when somebody listens: most places of many secrets have no listener. */
  get listeners(): Set<() => void> {
    return (this.#listeners ??= new Set());
  }

  get listenerCount(): number {
    return this.#listeners?.size ?? 0;
  }

  listenersInto(list: (() => void)[]): void {
    if (this.#listeners) list.push(...this.#listeners);
  }

  resolve(root: unknown, name: string, connection: string): Resolved {
    try {
      return { value: this.path ? this.path.resolve(root, name) : root };
    } catch (error) {
      return { error: isSecretError(error) ? error.located({ connection }) : error };
    }
  }

  /** Shows what was resolved. With `onRead`, each reader calls it first. */
  show(resolved: Resolved, onRead?: () => void): void {
    const { cell } = this;
    if ('error' in resolved) {
      const { error } = resolved;
      const fail = (): never => {
        throw error;
      };
      emptyCell(cell, fail, true);
    } else {
      fillCell(cell, resolved.value);
    }
    if (!onRead) return;
    const { live, value, slow, missing } = cell;
    const readAndTell = (): unknown => {
      onRead();
      return live ? value : slow();
    };
    emptyCell(cell, readAndTell, missing);
  }

  /** Takes down that a value is about to be shown no more. */
  remember(mark: string): void {
    const shown = (this.#shown ??= []);
    shown.push(mark);
    if (shown.length > SHOWN_BEFORE) shown.shift();
  }

  hasShown(value: unknown): boolean {
    return this.#shown !== undefined && this.#shown.includes(fingerprint(value));
  }
}

/** True where two places' contents read the same. */
export function readsTheSame(before: Resolved | undefined, after: Resolved): boolean {
  return isSameValue(valueOf(before), valueOf(after));
}

export const valueOf = (resolved: Resolved | undefined): unknown =>
  resolved && 'value' in resolved ? resolved.value : undefined;
