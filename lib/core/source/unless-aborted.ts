import { onAbort } from './on-abort.js';

/**
 * Waits for work that heeds no signal, or that others wait for too: who aborts goes alone, and the work goes on. Then rejects with what `stopped`
 * gives, without it with the signal’s reason.
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  stopped: () => Error = () => signal.reason as Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(stopped());
    const over = onAbort(signal, leave);
    if (signal.aborted) leave();
    void work.then(
      (result) => {
        over();
        resolve(result);
      },
      (error: unknown) => {
        over();
        reject(error);
      },
    );
  });
}
