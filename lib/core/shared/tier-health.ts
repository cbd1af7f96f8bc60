import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import { isSecretError } from '../errors/index.js';
import type { SharedNews } from './shared-cache.js';

/** A disk may be readable and full: what fails is left alone for a while, and not the other. */
export type Doing = 'asking' | 'writing';

/** How a shared cache does. Plain data: never a name of a secret, a value or a key. */
export interface CacheStatus {
  readonly kind: string;
  /** `failed`: it can't be read, written, reached or heard; the app goes on without it, and it is tried again. `closed`: not opened yet, or not any more. */
  readonly state: 'well' | 'failed' | 'closed';
  /** Since when it does so well or badly; absent where it was not opened. */
  readonly since?: Date;
  /** What failed last, and when that was noticed. */
  readonly lastFailure?: { readonly message: string; readonly at: Date };
  /** What was found last and is not trusted: damaged, or sealed with another key. */
  readonly lastRefusal?: { readonly message: string; readonly at: Date };
}

interface Health {
  /** In a row. */
  failures: number;
  /** On the monotonic clock. */
  restsUntil: number;
}

/** Milliseconds that what fails is left alone. */
const REST = { base: 1_000, factor: 2, max: 30_000, least: 500 };
/** Milliseconds: of what is refused there may be much, but what begins a day later is another incident. */
const QUIET = 3_600_000;

/** How a shared cache does, and what is told of it: one line when it begins to fail, whatever fails first, and one when all works again. */
export class TierHealth {
  readonly #asking: Health = { failures: 0, restsUntil: 0 };
  readonly #writing: Health = { failures: 0, restsUntil: 0 };
  /** When each kind was last refused, told or not. */
  readonly #refusedAt = new Map<string, number>();
  #isFailing = false;
  #since: Date | undefined;
  #lastFailure: CacheStatus['lastFailure'];
  #lastRefusal: CacheStatus['lastRefusal'];

  constructor(
    private readonly options: { readonly clock: Clock; readonly random: () => number },
    private readonly hear: (news: SharedNews) => void,
  ) {}

  /** @param isOpen false where there is nothing to ask. */
  status(kind: string, isOpen: boolean): CacheStatus {
    const [since, lastFailure, lastRefusal] = [this.#since, this.#lastFailure, this.#lastRefusal];
    return {
      kind,
      state: this.#isFailing ? 'failed' : isOpen ? 'well' : 'closed',
      ...(since && { since }),
      ...(lastFailure && { lastFailure }),
      ...(lastRefusal && { lastRefusal }),
    };
  }

  /** It is open, or closed. */
  turned(): void {
    if (!this.#isFailing) this.#since = this.#now;
  }

  /** True where it is not to be asked for that now. */
  rests(doing: Doing): boolean {
    const { failures, restsUntil } = this.#of(doing);
    return failures > 0 && this.options.clock.now() < restsUntil;
  }

  succeeded(doing: Doing): void {
    const wasFailing = this.#of(doing).failures > 0;
    this.#of(doing).failures = 0;
    if (wasFailing && this.#asking.failures + this.#writing.failures === 0) {
      this.tell({ type: 'restored', reason: 'it works again.' });
    }
  }

  failed(doing: Doing, what: string, cause: unknown): void {
    const { clock, random } = this.options;
    const health = this.#of(doing);
    health.failures += 1;
    health.restsUntil = clock.now() + backoffDelay(health.failures, REST, random());
    const why = isSecretError(cause) ? `: ${cause.reason}` : '.';
    this.tell({ type: 'failed', reason: `it ${what}${why}`, cause });
  }

  /** It is there again, as it says itself: nothing is left alone any more. */
  rested(): void {
    for (const health of [this.#asking, this.#writing]) health.restsUntil = 0;
  }

  /** News of the cache's own, too. */
  tell(news: SharedNews): void {
    const { type, reason } = news;
    const told = { message: reason, at: this.#now };
    if (type === 'refused') {
      this.#lastRefusal = told;
      const now = this.options.clock.now();
      const before = this.#refusedAt.get(reason) ?? Number.NEGATIVE_INFINITY;
      this.#refusedAt.set(reason, now);
      if (now - before < QUIET) return;
    } else {
      if (this.#isFailing === (type === 'failed')) return;
      this.#isFailing = type === 'failed';
      this.#since = told.at;
      if (this.#isFailing) this.#lastFailure = told;
    }
    this.hear(news);
  }

  get #now(): Date {
    return new Date(this.options.clock.wall());
  }

  #of(doing: Doing): Health {
    return doing === 'asking' ? this.#asking : this.#writing;
  }
}
