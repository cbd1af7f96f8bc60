import type { VirtualClock } from './virtual-clock.js';

export interface PendingCall {
  readonly label: string;
  readonly since: number;
}

/** Calls of the public API whose promises are open. None of them is awaited where it is made, so that calls run beside each other. */
export class Calls {
  readonly #open = new Set<PendingCall>();
  /** How many were made, so that a run that tried nothing is seen. */
  made = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly onError: (error: unknown, label: string) => void,
  ) {}

  get open(): readonly PendingCall[] {
    return [...this.#open];
  }

  /** Makes a call. `done` looks at what came, in the turn in which it came; `over` runs in any case. */
  make<T>(label: string, call: () => Promise<T>, done?: (value: T) => void, over?: () => void): void {
    const pending = { label, since: this.clock.now };
    this.made += 1;
    this.#open.add(pending);
    const promise = begin(call);
    void promise
      .then(done, (error: unknown) => this.onError(error, label))
      .catch((error: unknown) => this.onError(error, `${label}, looked at`))
      .finally(() => {
        this.#open.delete(pending);
        over?.();
      });
  }

  /** Lets time pass until all are settled, at most so long. */
  async settled(limit: number, step: number): Promise<boolean> {
    for (let passed = 0; this.#open.size > 0 && passed < limit; passed += step) await this.clock.advance(step);
    return this.#open.size === 0;
  }
}

async function begin<T>(call: () => Promise<T>): Promise<T> {
  return call();
}

/** Lets time pass until one promise settles; false where it does not within the limit. It must not reject. */
export async function settlesWithin(
  promise: Promise<void>,
  clock: VirtualClock,
  limit: number,
  step: number,
): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => (isSettled = true));
  await clock.settle();
  for (let passed = 0; !isSettled && passed < limit; passed += step) await clock.advance(step);
  return isSettled;
}
