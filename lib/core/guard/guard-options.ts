import type { Duration } from '../duration.js';
import type { OptionKinds } from '../options/option-kinds.js';

/** What a guard leaves, and how long it remembers. */
export interface SecretsGuardOptions {
  /** Secrets that may be printed, by name, or a field of one as `NAME.field`. */
  readonly except?: readonly string[] | undefined;
  /**
   * How long a value is looked for after it was replaced: old passwords still turn up in errors.
   * @default '1h'
   */
  readonly keepReplaced?: Duration | undefined;
}

export const GUARD_OPTIONS: OptionKinds<SecretsGuardOptions> = { except: 'texts', keepReplaced: 'duration' };
