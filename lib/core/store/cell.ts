import { hideInOutput } from '../redaction.js';
import { isBytes } from '../secret/secret-value.js';

/**
 * The place that one live value is read from. Plain fields on purpose: an accessor that closes over it costs what a field costs
 * (measured in bench/reads). While `live`, `value` is the answer as it stands; otherwise `slow` answers, or throws why there is none.
 */
export interface Cell {
  live: boolean;
  /** The source was asked, and there is no such secret or field. */
  missing: boolean;
  value: unknown;
  slow: () => unknown;
}

/** A holder as any other: where it is printed, it shows no value. */
class HiddenCell implements Cell {
  live = false;
  missing = false;
  value: unknown = undefined;

  constructor(public slow: () => unknown) {}

  static {
    hideInOutput(HiddenCell.prototype, () => '[secret]');
  }
}

export const createCell = (slow: () => unknown): Cell => new HiddenCell(slow);

/** The value. Throws a SecretError where there is none. */
export function readCell(cell: Cell): unknown {
  return cell.live ? cell.value : cell.slow();
}

/** The value, or `fallback` where the source has no such secret or field; other reasons throw. */
export function readCellOr(cell: Cell, fallback: unknown): unknown {
  if (cell.live) return cell.value;
  return cell.missing ? fallback : cell.slow();
}

/** Puts a value in. Bytes can't be frozen, so each read of them gets a copy. */
export function fillCell(cell: Cell, value: unknown): void {
  cell.missing = false;
  if (isBytes(value)) {
    cell.value = undefined;
    cell.slow = () => Uint8Array.from(value);
    cell.live = false;
  } else {
    cell.value = value;
    cell.slow = shown; // a closure for one secret is kept no longer than it is needed
    cell.live = true;
  }
}

/** Of a cell whose value is there: a JSON null or undefined, read the slow way. */
function shown(this: Cell): unknown {
  return this.value;
}

/** Takes the value out: readers get what `slow` gives or throws. */
export function emptyCell(cell: Cell, slow: () => unknown, missing = false): void {
  cell.live = false;
  cell.missing = missing;
  cell.value = undefined;
  cell.slow = slow;
}
