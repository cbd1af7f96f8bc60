import type { BackoffPolicy } from '../backoff.js';
import type { Clock } from '../clock.js';
import type { LiveSecret } from '../store/live-secret.js';
import type { Resources } from './resources.js';
import type { Haste, RejectionPolicy } from './refused-work.js';

export interface RotatingOptions<T> extends RejectionPolicy {
  readonly create: (secret: unknown) => T | Promise<T>;
  readonly validate?: ((resource: T) => unknown) | undefined;
  readonly dispose: (resource: T) => unknown;
  /** Milliseconds. */
  readonly drain: number;
}

/** What a rotating resource needs of its connection. */
export interface RotatingContext {
  readonly secret: LiveSecret;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retry: BackoffPolicy;
  /** Where it is known to operators; a resource of none is nobody's business. */
  readonly resources?: Pick<Resources, 'begin'> | undefined;
  readonly warn: (message: string, error?: unknown) => void;
  /** Sees to it that the secret's value may be served; undefined where it is so at once. Rejects where there is none, or the app closes. */
  readonly provide: () => Promise<void> | undefined;
  /** The other side refuses the secret: reads it again. */
  readonly report: (haste: Haste) => Promise<void>;
}
