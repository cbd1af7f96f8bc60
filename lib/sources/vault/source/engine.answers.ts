import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { Lease } from '../../../core/secret/lease.js';
import type { VaultResponse } from '../client/index.js';
import { boundedSeconds } from '../client/foreign-numbers.js';

export interface Mapped<T> {
  /** Makes a value of the answer’s `data`, so that field paths may stay as they were elsewhere. */
  readonly map?: ((data: T) => unknown) | undefined;
}

/** Options, checked, after the role or path that stands before them. */
export function taken<T extends object>(
  options: T | undefined,
  kinds: OptionKinds<T>,
  taker: string,
  place: string,
  what: 'role' | 'path',
): T {
  if (typeof place === 'string' && place !== '') return ownOptions(options, kinds, taker);
  throw new SecretConfigurationError(`${taker} takes the ${what} first, as text that is not empty.`);
}

/** What an engine gave, with Vault's lease where there is one. */
export function leased<T extends object>({
  data,
  leaseId,
  leaseDuration,
  renewable,
}: VaultResponse<T>): { data: T; lease?: Lease } {
  // KV version 1 tells a duration too, of no lease; and a lease of no time at all has no end.
  const duration = boundedSeconds(leaseDuration) * 1000;
  if (leaseId === '' || duration === 0) return { data };
  return { data, lease: Lease.of({ id: leaseId, duration, renewable }) };
}
