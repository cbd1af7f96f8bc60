import { performance } from 'node:perf_hooks';

/** Waits for what a real socket decides the time of. */
export async function soon(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Not within 5 s: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
