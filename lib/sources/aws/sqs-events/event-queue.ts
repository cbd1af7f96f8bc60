import type { SecretError } from '../../../core/errors/index.js';

/** The queue that events come from. */
export interface EventQueue {
  /** Sees to it that there is one, and gives its URL. Rejects with a SecretError, also once after it was found that events did not reach it. */
  ready(signal: AbortSignal): Promise<string>;
  /** A request has found that there is no such queue. Gives what that means. */
  gone(error: SecretError): SecretError;
  /** Nothing is read from it any more. */
  end(): Promise<void>;
}
