import type { LiveSecret } from './live-secret.js';

/** Hears of values before a reader can have them. */
export interface ValueWatcher {
  /** This value takes the place of the one before, in this turn. */
  placed(secret: LiveSecret, value: unknown): void;
  /** This one is not a current value, but there are who have it: accepted beside the current one, or given to be written. */
  aside(name: string, value: unknown): void;
}
