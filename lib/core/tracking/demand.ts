/** The turn to be refreshed, of those in a row before which nobody had asked, that what was fetched on demand does not take any more. */
const LAST_TURN = 3;

/** Who wants a secret: somebody who holds on to it, or who asks for it now and then. It says whether the clock is a reason to read it. */
export class Demand {
  /** Set by each use; taken away when its turn to be refreshed comes, or when new credentials do. */
  asked = false;
  /** Somebody holds on to it: it is never evicted, and always brought up to date. */
  isHeld = false;
  /** The app can't do without it: its start fails where it isn't there. */
  isRequired = false;
  /** It is one of those that are given together: it is never evicted. */
  isRetained = false;
  /** It is left alone until somebody asks. */
  isResting = false;
  /** In a row, before which nobody had asked for it. */
  #turns = 0;
  /** The turn from which on these count, on the monotonic clock. */
  #quietSince: number | undefined;
  /** Nobody has asked for several turns, nor for as long as a value may be old. */
  #isLeft = false;

  get isKept(): boolean {
    return this.isHeld || this.isRetained;
  }

  /**
   * Its turn to be refreshed has come: the uses until then have been counted.
   * @param patience milliseconds: where turns come often, who asks once in so long still asks.
   */
  countTurn(now: number, patience: number, isDynamic: boolean): void {
    this.#turns = this.asked ? 0 : this.#turns + 1;
    if (this.asked || this.#quietSince === undefined) this.#quietSince = now;
    this.#isLeft = this.#turns >= LAST_TURN && now - this.#quietSince >= patience;
    if (!isDynamic) this.asked = false;
  }

  /** True where nobody wants new credentials of it, or a newer value of what has `isEndless` use. */
  isOver(isDynamic: boolean, isEndless: boolean): boolean {
    if (this.isHeld || this.asked) return false;
    return isDynamic || (isEndless && this.#isLeft);
  }
}
