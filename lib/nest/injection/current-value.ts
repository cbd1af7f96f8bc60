import type { Cell } from '../../core/store/cell.js';
import { readCell, readCellOr } from '../../core/store/cell.js';
import type { LiveSecret } from '../../core/store/live-secret.js';
import type { SecretRequest } from './secret-request.js';

/** Where the value that is asked for is read. Throws SecretFieldError only for a malformed path. */
export const cellOf = (secret: LiveSecret, { field }: Pick<SecretRequest, 'field'>): Cell =>
  field === undefined ? secret.cell : secret.field(field);

/** The value that is asked for, as it is now. @param fallback given of an optional one that is not there; of others the SecretError is thrown. */
export function currentValue(secret: LiveSecret, request: SecretRequest, fallback?: unknown): unknown {
  const cell = cellOf(secret, request);
  return request.optional ? readCellOr(cell, fallback) : readCell(cell);
}
