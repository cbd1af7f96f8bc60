import { setImmediate } from 'node:timers';

/** Milliseconds that many small steps may hold the event loop in one go. */
const SLICE = 2;
/** Steps between two looks at the clock. */
const STRIDE = 32;

/**
 * Works through items without holding the event loop: after two milliseconds it lets others run. Gives a promise only where it had to; a few items are
 * done when it returns. `work` must not throw.
 */
export function inSlices<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> | undefined {
  const iterator = items[Symbol.iterator]();
  const slice = (): boolean => {
    const until = performance.now() + SLICE;
    for (let steps = 1; ; steps += 1) {
      const next = iterator.next();
      if (next.done) return true;
      work(next.value);
      if (steps % STRIDE === 0 && performance.now() >= until) return false;
    }
  };
  if (slice()) return undefined;
  return new Promise((resolve) => {
    const goOn = (): void => {
      if (slice())
        setImmediate(resolve); // what follows has a turn of its own
      else setImmediate(goOn);
    };
    setImmediate(goOn);
  });
}
