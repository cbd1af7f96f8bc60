import { setImmediate } from 'node:timers';
import type { CancelTimer, Clock } from '../clock.js';

/** The result; undefined where it takes longer than `limit` ms. What is there when the time is over counts, also where the process was busy until then. */
export function within<T>(clock: Clock, limit: number, work: Promise<T>, late?: () => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let cancel: CancelTimer = () => undefined;
    const finish = (end: () => void): void => {
      isOver = true;
      cancel();
      end();
    };
    const giveUp = (): void => {
      if (isOver) return;
      late?.();
      finish(() => resolve(undefined));
    };
    cancel = clock.setTimer(() => setImmediate(() => setImmediate(giveUp)), limit, true);
    work.then(
      (result) => finish(() => resolve(result)),
      (error: unknown) => finish(() => reject(error instanceof Error ? error : new Error('failed'))),
    );
  });
}
