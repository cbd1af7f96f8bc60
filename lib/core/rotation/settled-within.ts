import type { CancelTimer, Clock } from '../clock.js';

/** Resolves when all promises have settled, or after `limit` ms: for endings that must not hang on other people’s code. */
export async function settledWithin(
  limit: number,
  clock: Clock,
  ...promises: (Promise<unknown> | undefined)[]
): Promise<void> {
  let cancel: CancelTimer = () => undefined;
  const bound = new Promise<void>((resolve) => (cancel = clock.setTimer(resolve, limit, true)));
  await Promise.race([Promise.allSettled(promises.filter((promise) => promise !== undefined)), bound]);
  cancel();
}
