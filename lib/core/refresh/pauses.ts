import type { Clock } from '../clock.js';

/** A timer later than this (ms) means that the process stood still: a suspended machine, a frozen function, SIGSTOP. */
const LATE = 1_000;
/** What is this late (ms) is not a turn that took long: nothing was received meanwhile either. */
const STANDSTILL = 60_000;

interface Deadline {
  readonly at: number;
  isMissed: boolean;
}

/** Notices that the process has stood still, and remembers it: what was overdue then is to be read before anybody is answered. */
export class Pauses {
  #expectedAt = Number.POSITIVE_INFINITY;
  /** Ends of the time of calls, in the order in which they were begun: the first says enough. */
  readonly #deadlines = new Set<Deadline>();
  #lastAt = -Number.POSITIVE_INFINITY;

  /** @param onStandstill told of a long one, and of about when it began (monotonic). */
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly onStandstill: (since: number) => void = () => undefined,
  ) {}

  /** When the next timer is to fire; Infinity where none is set. */
  expect(at: number): void {
    this.#expectedAt = at;
  }

  /** When an answer counts as arrived: one that came while the process stood still may be as old as its question. */
  arrivalOf(askedAt: number): number {
    return this.notice() > askedAt ? askedAt : this.clock.now();
  }

  /**
   * Of when that tells which came of a question. What came in about its own time is an outcome of now: in an app whose turns take seconds something is
   * late all the time, and who has a value would wait for one attempt after another.
   * @param limit milliseconds that a question has.
   */
  outcomeOf(askedAt: number, limit: number): number {
    const now = this.clock.now();
    return now < askedAt + 2 * limit ? now : this.arrivalOf(askedAt);
  }

  /** Looks at the clock. Gives when the last pause was noticed; -Infinity before the first. */
  notice(): number {
    const expectedAt = this.#expectedAt;
    if (this.#isMissed(expectedAt)) {
      this.#expectedAt = Number.POSITIVE_INFINITY;
      if (this.#lastAt >= expectedAt + STANDSTILL) this.onStandstill(expectedAt - STANDSTILL);
    }
    // Each is missed once: who hears of it later has not stood still since.
    for (const deadline of this.#deadlines) {
      if (!this.#isMissed(deadline.at)) break;
      deadline.isMissed = true;
      this.#deadlines.delete(deadline);
    }
    return this.#lastAt;
  }

  /** A call has time until then. Gives what tells that it is over, and whether the process stood still meanwhile, so that its time passed unseen. */
  await(at: number): () => boolean {
    this.notice(); // a pause before this call is none of its own
    const deadline: Deadline = { at, isMissed: false };
    this.#deadlines.add(deadline);
    return () => {
      if (this.#deadlines.delete(deadline)) deadline.isMissed = this.#isMissed(at);
      return deadline.isMissed;
    };
  }

  #isMissed(at: number): boolean {
    const now = this.clock.now();
    const isMissed = now >= at + LATE;
    if (isMissed) this.#lastAt = now;
    return isMissed;
  }
}
