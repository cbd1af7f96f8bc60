import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';

const DELAY = { base: 50, factor: 2, max: 1_000 };

export interface RejectionPolicy {
  /** Names the errors by which the other side refuses the credentials. Work that it refuses is repeated whole. */
  readonly rejects?: ((error: unknown) => boolean) | undefined;
  /** Milliseconds. */
  readonly retryFor: number;
}

export interface RetryRejectedOptions extends RejectionPolicy {
  readonly clock: Clock;
  /** Asks for the secret to be read anew; resolves when that has happened. */
  readonly report: () => Promise<void>;
  /** True where nothing new will come: refused work is not tried again then. */
  readonly isOver: () => boolean;
  /** Calls back when there is something new to try with; gives the way to stop that. */
  readonly onNews: (callback: () => void) => () => void;
}

/**
 * Does work, and does it again while its credentials are refused: as soon as there is something new to try with, and with capped back-off
 * in between, for the other side may take a password later than the source publishes it. Throws the last refusal when the time is over.
 */
export async function retryRejected<R>(work: () => Promise<R>, options: RetryRejectedOptions): Promise<R> {
  const { rejects, retryFor, clock, report } = options;
  let refusals = 0;
  let deadline: number | undefined;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (options.isOver() || !rejects?.(error)) throw error;
      deadline ??= clock.now() + retryFor;
      const left = deadline - clock.now();
      if (left <= 0) throw error;
      void report();
      await newsOrDelay(options, Math.min(backoffDelay((refusals += 1), DELAY), left));
    }
  }
}

function newsOrDelay({ clock, onNews }: RetryRejectedOptions, delay: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stop();
      cancel();
      resolve();
    };
    const stop = onNews(finish);
    const cancel = clock.setTimer(finish, delay, true);
  });
}
