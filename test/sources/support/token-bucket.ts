import type { Quota } from '../../../lib/testing/contract/index.js';

/** A quota of requests, in real time: gives a function that says whether one more may pass. */
export function tokenBucket({ perSecond, burst }: Quota): () => boolean {
  let tokens = burst;
  let at = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - at) * perSecond) / 1000);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
