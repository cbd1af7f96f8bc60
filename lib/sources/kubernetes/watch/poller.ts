import type { CancelTimer, Clock } from '../../../core/clock.js';
import { inParallel } from '../../../core/source/in-parallel.js';
import type { StoredSecret } from '../kubernetes.answers.js';
import type { KubernetesClient } from '../kubernetes.client.js';

export interface PollerOptions {
  readonly client: Pick<KubernetesClient, 'get'>;
  /** Milliseconds between readings of one. */
  readonly every: number;
  readonly clock: Clock;
  /** Undefined where there is none. */
  readonly found: (name: string, secret: StoredSecret | undefined) => void;
}

const AT_ONCE = 8;
/** Milliseconds for one request. */
const TIMEOUT = 10_000;

/** Reads what may be read and not watched, over and over. */
export class Poller {
  readonly #names = new Set<string>();
  #cancel: CancelTimer = () => undefined;
  #ended = new AbortController();

  constructor(private readonly options: PollerOptions) {}

  add(name: string): void {
    if (this.#names.size === 0) this.#arm();
    this.#names.add(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  remove(name: string): void {
    this.#names.delete(name);
    if (this.#names.size === 0) this.clear();
  }

  clear(): void {
    this.#names.clear();
    this.#cancel();
    this.#ended.abort();
    this.#ended = new AbortController();
  }

  #arm(): void {
    const { clock, every } = this.options;
    this.#cancel = clock.setTimer(() => void this.#poll(), every);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#ended;
    const { client, found } = this.options;
    await inParallel([...this.#names], AT_ONCE, async (name) => {
      try {
        const secret = await client.get(name, { signal, timeout: TIMEOUT });
        if (!signal.aborted && this.#names.has(name)) found(name, secret);
      } catch {
        // Whoever reads it is told; here it is tried again.
      }
    });
    if (!signal.aborted && this.#names.size > 0) this.#arm();
  }
}
