/** So many requests within so many milliseconds, at most. */
export interface RequestLimit {
  readonly requests: number;
  readonly within: number;
}

/** Keeps to a limit that is known from the start. A request counts from its sending until a span has passed after its answer: no earlier than the backend counted it. */
export class RateLimit {
  readonly #limit: RequestLimit;
  /** When those of the last span were over, from `#first` on. */
  #over: number[] = [];
  #first = 0;
  #underWay = 0;

  constructor(limit: RequestLimit) {
    this.#limit = limit;
  }

  /** Milliseconds until one more may be sent; infinite until one of those under way is over. */
  delay(now: number): number {
    const { requests, within } = this.#limit;
    while ((this.#over[this.#first] ?? Number.POSITIVE_INFINITY) <= now - within) this.#first += 1;
    if (this.#first > 1_000) {
      this.#over = this.#over.slice(this.#first);
      this.#first = 0;
    }
    if (this.#underWay + this.#over.length - this.#first < requests) return 0;
    const first = this.#over[this.#first];
    return first === undefined ? Number.POSITIVE_INFINITY : first + within - now;
  }

  begin(): void {
    this.#underWay += 1;
  }

  end(now: number): void {
    this.#underWay -= 1;
    this.#over.push(now);
  }
}
