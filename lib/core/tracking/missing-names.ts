import type { SecretError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';

interface Missing {
  readonly error: SecretError;
  /** Readings in a row that found nothing. */
  readonly count: number;
  /** On the monotonic clock. */
  readonly until: number;
}

/** However often it was looked for (ms). */
const LONGEST = 60_000;

/**
 * Secrets that the source has not, for a while: names may come from users, and each look costs a request. The while doubles with each reading that finds
 * nothing again. Kept apart from values, and bounded like them: the longest known go first.
 */
export class MissingNames {
  readonly #byKey = new Map<string, Missing>();

  /** @param first milliseconds after the first reading; 0 remembers nothing. @param most how many are remembered. */
  constructor(
    private readonly first: number,
    private readonly most: number,
  ) {}

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** A reading found nothing. */
  note(key: string, error: SecretError, now: number): void {
    if (this.first === 0) return;
    const count = (this.#byKey.get(key)?.count ?? 0) + 1;
    const span = Math.min(this.first * 2 ** Math.min(count - 1, 30), Math.max(LONGEST, this.first));
    this.#byKey.delete(key);
    this.#byKey.set(key, { error, count, until: now + span });
    if (this.#byKey.size <= this.most) return;
    const [oldest] = this.#byKey.keys();
    this.#byKey.delete(oldest!);
  }

  /** Why there is none, where that is still remembered. */
  errorOf(key: string, now: number): SecretError | undefined {
    const missing = this.#byKey.get(key);
    return missing && now < missing.until ? missing.error : undefined;
  }

  /** There is one, or there may be. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }

  forgetAll(): void {
    this.#byKey.clear();
  }

  static {
    hideInOutput(MissingNames.prototype, () => '[names of missing secrets]');
  }
}
