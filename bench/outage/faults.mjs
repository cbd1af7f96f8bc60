// What a backend does beside answering: how long it takes, whom it throttles, what is broken. A case sets it; every backend's stub asks it.
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param latency milliseconds of each answer. */
export class Faults {
  requests = 0;
  /** Requests that were refused, or failed. */
  refused = 0;
  /** `(request: { operation, names }) => undefined | 'throttled' | status | { after: milliseconds }` */
  rule = () => undefined;

  constructor(latency) {
    this.latency = latency;
  }

  /** What becomes of a request: undefined where it is answered, else `throttled` or an HTTP status. */
  async meet(request) {
    this.requests += 1;
    const met = this.rule(request);
    await sleep(met?.after ?? this.latency);
    if (met === undefined || met.after !== undefined) return undefined;
    this.refused += 1;
    return met;
  }

  /** Counts anew. */
  reset() {
    Object.assign(this, { requests: 0, refused: 0 });
  }
}

/** A quota of so many requests a second, of which as many may come at once. */
export function tokenBucket(perSecond, burst = perSecond) {
  let tokens = burst;
  let at = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - at) * perSecond) / 1000);
    at = now;
    if (tokens < 1) return 'throttled';
    tokens -= 1;
    return undefined;
  };
}

/** The first `times` requests that match. */
export function first(times, what, matches = () => true) {
  let left = times;
  return (request) => (matches(request) && left-- > 0 ? what : undefined);
}

/** One of so many, as evenly as that goes. */
export function oneOf(many, what) {
  let count = 0;
  return () => (++count % many === 0 ? what : undefined);
}
