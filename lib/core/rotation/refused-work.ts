import { backoffDelay } from '../backoff.js';
import type { CancelTimer, Clock } from '../clock.js';

/**
 * How soon a refused secret is read again. `patient`: 1 s after the reading before, doubling to 1 min, while the answer stays the same. `awaited`: the
 * same, but at most 5 s, for work waits for it. `now`: at once, for that work waits no longer.
 */
export type Haste = 'patient' | 'awaited' | 'now';

/** Between two tries of refused work, whoever's it is. */
const SPACING = { base: 50, factor: 2, max: 2_000 };
/** Milliseconds without a refusal: the next is another incident. */
const QUIET = 60_000;

export interface RejectionPolicy {
  /** Names the errors by which the other side refuses the credentials. Work that it refuses is repeated whole. */
  readonly rejects?: ((error: unknown) => boolean) | undefined;
  /** Milliseconds. */
  readonly retryFor: number;
}

export interface RefusedWorkOptions {
  readonly clock: Clock;
  /** Has the secret read again; resolves when that, and what follows from it, has happened. Never rejects. */
  readonly report: (haste: Haste) => Promise<void>;
  /** True where nothing new will come: refused work is not tried again then. */
  readonly isOver: () => boolean;
  /** Told of each refusal. */
  readonly onRefused?: (() => void) | undefined;
  /** Of what work begins with. */
  readonly revision: () => number | undefined;
  /** Calls back when there is something new to try with; gives the way to stop that. */
  readonly onNews: (callback: () => void) => () => void;
}

/** Why refused work goes on: there is something new to try with, it tries for all who wait, or its time is over. */
type Turn = 'news' | 'probe' | 'over';

/**
 * Work whose credentials the other side refuses: it is done again as soon as there is something new to try with. The other side may also take a password
 * later than the source publishes it, so in between one of those who wait tries, each in its turn, with capped back-off: a refused login may count
 * towards a lock. Where that is taken, all try.
 */
export class RefusedWork {
  /** Who waits, the longest first, and until when each may try. */
  readonly #line = new Map<(turn: Turn) => void, number>();
  #tries = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #cancelProbe: CancelTimer | undefined;
  #stopNews: (() => void) | undefined;

  constructor(private readonly options: RefusedWorkOptions) {}

  /** Does work, and again while it is refused, for up to `retryFor`; a last time where the reading at its end brings something new. Throws the last refusal. */
  async run<R>(work: () => Promise<R>, { rejects, retryFor }: RejectionPolicy): Promise<R> {
    const { clock, isOver, revision } = this.options;
    let deadline: number | undefined;
    let turn: Turn | undefined;
    let isLast = false;
    for (;;) {
      const before = revision();
      try {
        const result = await work();
        if (turn === 'probe') this.#goAll();
        return result;
      } catch (error) {
        if (isOver() || !rejects?.(error)) throw error;
        this.options.onRefused?.();
        deadline ??= clock.now() + retryFor;
        if (isLast || retryFor <= 0) throw error;
        // What came while the work was on its way was told to nobody who waits.
        turn = revision() === before ? await this.#refused(deadline) : 'news';
        if (turn === 'over') throw error;
        isLast = turn === 'news' && clock.now() >= deadline;
      }
    }
  }

  #refused(deadline: number): Promise<Turn> {
    const { clock, report } = this.options;
    const now = clock.now();
    if (now - this.#refusedAt > QUIET) this.#tries = 0;
    this.#refusedAt = now;
    void report('awaited');
    return new Promise((resolve) => {
      const go = (turn: Turn): void => {
        cancel();
        this.#line.delete(go);
        if (this.#line.size === 0) this.#rest();
        resolve(turn);
      };
      const end = async (): Promise<void> => {
        await report('now');
        if (this.#line.has(go)) go('over');
      };
      const cancel = clock.setTimer(() => void end(), Math.max(0, deadline - now), true);
      this.#line.set(go, deadline);
      this.#stopNews ??= this.options.onNews(() => this.#goAll());
      this.#probeLater();
    });
  }

  #probeLater(): void {
    this.#cancelProbe ??= this.options.clock.setTimer(
      () => {
        this.#cancelProbe = undefined;
        const now = this.options.clock.now();
        const [first] = [...this.#line].find(([, deadline]) => deadline > now) ?? [];
        first?.('probe');
        if (this.#line.size > 0) this.#probeLater();
      },
      backoffDelay((this.#tries += 1), SPACING),
      true,
    );
  }

  #goAll(): void {
    this.#tries = 0;
    for (const go of [...this.#line.keys()]) go('news');
  }

  #rest(): void {
    this.#cancelProbe?.();
    this.#stopNews?.();
    this.#cancelProbe = this.#stopNews = undefined;
  }
}
