/** One request that arrived. Never its query, headers or body: they hold tokens, credentials and values. */
export interface EmulatedRequest {
  readonly method: string;
  /** Percent-encoded, as it came, without the query. */
  readonly path: string;
  /** Undefined until it is answered, and for good where it hangs. */
  readonly status: number | undefined;
  readonly time: Date;
}

/** Bounds an emulator that serves for days: beyond it the older half goes. */
const MAX_REQUESTS = 100_000;

/** The requests in the order of their arrival. */
export class EmulatorJournal {
  readonly requests: EmulatedRequest[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a request; the result notes the status of its answer. */
  arrived(method: string, path: string): (status: number) => void {
    const entry: { -readonly [K in keyof EmulatedRequest]: EmulatedRequest[K] } = {
      method,
      path,
      status: undefined,
      time: new Date(this.#now()),
    };
    if (this.requests.length >= MAX_REQUESTS) this.requests.splice(0, MAX_REQUESTS / 2);
    this.requests.push(entry);
    return (status) => {
      entry.status = status;
    };
  }
}
