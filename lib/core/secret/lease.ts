import type { Duration } from '../duration.js';
import { toMilliseconds } from '../duration.js';
import type { OptionKinds } from '../options/option-kinds.js';
import { needed } from '../options/option-kinds.js';
import { ownOptions } from '../options/own-options.js';

export interface LeaseOptions {
  readonly id?: string | undefined;
  readonly duration: Duration;
  readonly renewable?: boolean | undefined;
}

// The duration is what the backend says: a short one is no slip.
export const LEASE_OPTIONS: OptionKinds<LeaseOptions> = {
  id: 'text',
  duration: needed('any'),
  renewable: 'boolean',
};

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
  static of(options: LeaseOptions): Lease {
    const { id, duration, renewable = false } = ownOptions(options, LEASE_OPTIONS, 'Lease.of');
    return new Lease(id, toMilliseconds(duration, 'duration', 'Lease.of'), renewable);
  }
}
