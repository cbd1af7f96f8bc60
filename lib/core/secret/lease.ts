import type { Duration } from '../duration.js';
import { toMilliseconds } from '../duration.js';

/**
 * The time for which a source vouches for a value. A secret with a lease is a dynamic one: reading it again issues new credentials,
 * so the core reads it only when it is due.
 */
export class Lease {
  private constructor(
    /** What the source calls it, where it has a name (Vault’s `lease_id`). */
    readonly id: string | undefined,
    /** Milliseconds from the answer’s arrival. */
    readonly duration: number,
    readonly renewable: boolean,
  ) {
    Object.freeze(this);
  }

  /** @param options.duration counts from the answer’s arrival; `renewable` is false by default. */
  static of(options: { id?: string | undefined; duration: Duration; renewable?: boolean | undefined }): Lease {
    return new Lease(options.id, toMilliseconds(options.duration, 'lease.duration'), options.renewable ?? false);
  }
}
