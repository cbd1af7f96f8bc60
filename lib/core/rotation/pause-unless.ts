import type { Clock } from '../clock.js';

/** Waits for `delay` milliseconds, or until something calls back. Somebody awaits it: the process stays alive meanwhile. @param on gives the way to stop that. */
export function pauseUnless(clock: Clock, delay: number, on: (callback: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stop();
      cancel();
      resolve();
    };
    const stop = on(finish);
    const cancel = clock.setTimer(finish, delay, true);
  });
}
