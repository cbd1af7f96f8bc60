import { backoffDelay } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import { hideInOutput } from '../../core/redaction.js';

/** Milliseconds: within so long no more requests than the limit are sent. */
const WINDOW = 1_000;
/** Milliseconds: what a refusal taught is forgotten after so long without another. */
const MEMORY = 60_000;
/** Of the pause after a refusal that names none. */
const PAUSE = { base: 500, factor: 2, max: 5_000, least: 100 };
/** Milliseconds: a backend that asks for a longer pause is asked again after so long, or not at all: that is for who asks us to decide. */
const LONGEST_PAUSE = 5_000;
/** After so many refusals one after another, with nothing taken between them, nobody waits for the next: that is for who asks us to decide. */
const MOST_REFUSALS = 3;
/** After so many failures in a row nobody tries once more: whoever comes next finds out. */
const MOST_FAILURES = 5;
/** Milliseconds: who waits for a turn is told so often that it waits. */
const TICK = 500;

export interface RequestPaceOptions {
  /** Requests within a second at most. @default no limit but what the backend teaches */
  readonly limit?: number | undefined;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** A number in [0, 1). */
  readonly random?: (() => number) | undefined;
}

/** A request under way. */
export interface PacedRequest {
  /** It was answered, well or badly. */
  done(): void;
  /** Nobody answered it, or nobody who could. True where it is worth another attempt: not where that is so of one after another. */
  failed(): boolean;
  /** The backend asks for fewer requests, and for a pause of so many milliseconds where it says so. True where it is worth another attempt. */
  refused(retryAfter?: number): boolean;
}

interface Waiting {
  readonly go: (request: PacedRequest | undefined) => void;
  readonly tell: (() => void) | undefined;
}

/**
 * Requests to one backend at the pace that it takes: by a limit of the user's, and by what it refuses. After a refusal all wait, and then no more are
 * sent within a second than it had taken within the last one, a tenth more with each second that goes well, until a minute has gone well.
 */
export class RequestPace {
  readonly #clock: RequestPaceOptions['clock'];
  readonly #random: () => number;
  readonly #given: number;
  /** When those of the last second were answered, from `#first` on: no earlier than the backend counted them. */
  #answered: number[] = [];
  #first = 0;
  #underWay = 0;
  readonly #waiting: Waiting[] = [];
  #cancel: (() => void) | undefined;
  /** Of the last refusal. */
  #learned: { limit: number; readonly at: number } | undefined;
  #refusals = 0;
  #failures = 0;
  #closedUntil = Number.NEGATIVE_INFINITY;

  constructor({ limit = Number.POSITIVE_INFINITY, clock, random = Math.random }: RequestPaceOptions) {
    this.#given = limit;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Resolves when a request may be sent, first come, first served; at once where the signal says stop, for the request sees to that; and with
   * undefined where nothing was taken meanwhile for so long that waiting is of no use.
   * @param tell called now and then while it waits.
   */
  turn(signal?: AbortSignal, tell?: () => void): Promise<PacedRequest | undefined> | PacedRequest {
    if (signal?.aborted || (this.#waiting.length === 0 && this.#delay() <= 0)) return this.#begin();
    return new Promise((resolve) => {
      const waiting: Waiting = {
        tell,
        go: (request) => {
          signal?.removeEventListener('abort', leave);
          resolve(request);
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(this.#begin());
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiting);
      this.#pump();
    });
  }

  #begin(): PacedRequest {
    const sentAt = this.#clock.now();
    let isOver = false;
    this.#underWay += 1;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      this.#underWay -= 1;
      return true;
    };
    return {
      done: () => {
        if (!end()) return;
        this.#failures = 0;
        this.#answered.push(this.#clock.now());
        const learned = this.#learned;
        if (learned && sentAt > learned.at) this.#refusals = 0;
        // What the backend took along with what it refused counts as well.
        else if (learned) learned.limit = Math.max(learned.limit, this.#takenOfLate());
        this.#pump();
      },
      failed: () => {
        if (end()) this.#failures += 1;
        this.#pump();
        return this.#failures <= MOST_FAILURES;
      },
      refused: (retryAfter) => {
        if (end()) this.#refuse(sentAt, retryAfter);
        this.#pump();
        return this.#refusals < MOST_REFUSALS;
      },
    };
  }

  #refuse(sentAt: number, retryAfter: number | undefined): void {
    const now = this.#clock.now();
    // Those that were under way together are refused together: that is one refusal.
    if (!this.#learned || sentAt > this.#learned.at) {
      this.#refusals += 1;
      this.#learned = { limit: Math.max(1, this.#takenOfLate()), at: now };
    }
    const pause = retryAfter ?? backoffDelay(this.#refusals, PAUSE, this.#random());
    this.#closedUntil = Math.max(this.#closedUntil, now + Math.min(LONGEST_PAUSE, pause));
    if (this.#refusals >= MOST_REFUSALS) for (const { go } of this.#waiting.splice(0)) go(undefined);
  }

  /** Milliseconds until the next may be sent; infinite until one of those under way is answered. */
  #delay(): number {
    const now = this.#clock.now();
    if (now < this.#closedUntil) return this.#closedUntil - now;
    if (this.#underWay + this.#takenOfLate() < this.#limit(now)) return 0;
    const first = this.#answered[this.#first];
    return first === undefined ? Number.POSITIVE_INFINITY : first + WINDOW - now;
  }

  #limit(now: number): number {
    if (!this.#learned) return this.#given;
    const { limit, at } = this.#learned;
    if (now - at > MEMORY) {
      this.#learned = undefined;
      return this.#given;
    }
    const more = Math.floor((now - at) / WINDOW) * Math.max(1, limit / 10);
    return Math.min(this.#given, limit + more);
  }

  #takenOfLate(): number {
    const since = this.#clock.now() - WINDOW;
    while ((this.#answered[this.#first] ?? Number.POSITIVE_INFINITY) <= since) this.#first += 1;
    if (this.#first > 1_000) {
      this.#answered = this.#answered.slice(this.#first);
      this.#first = 0;
    }
    return this.#answered.length - this.#first;
  }

  #pump(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    let delay = 0;
    while (this.#waiting.length > 0 && (delay = this.#delay()) <= 0) this.#waiting.shift()!.go(this.#begin());
    if (this.#waiting.length === 0) return;
    const look = (): void => {
      for (const { tell } of this.#waiting) tell?.();
      this.#pump();
    };
    this.#cancel = this.#clock.setTimer(look, Math.min(TICK, delay), true);
  }

  static {
    hideInOutput(RequestPace.prototype, () => '[pace]');
  }
}
