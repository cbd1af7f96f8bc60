import type { Clock } from '../../../core/clock.js';

/** Resolves after so many milliseconds, or when the signal ends it. Holds up no process. */
export function pause(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      signal.removeEventListener('abort', over);
      cancel();
      resolve();
    };
    const cancel = clock.setTimer(over, delay);
    signal.addEventListener('abort', over, { once: true });
    if (signal.aborted) over();
  });
}
