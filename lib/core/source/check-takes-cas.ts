import type { SecretErrorDetails } from '../errors/index.js';
import { SecretConfigurationError } from '../errors/index.js';
import type { SecretSource } from './secret-source.js';

/** Throws for a source that would write whatever the current version is. */
export function checkTakesCas({ kind, takesCas }: SecretSource, details: SecretErrorDetails): void {
  if (takesCas) return;
  const reason = '`cas` is nothing that the source could hold against the current version.';
  throw new SecretConfigurationError(reason, { ...details, sourceKind: kind });
}
