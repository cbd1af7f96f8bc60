import type { BackoffPolicy } from '../backoff.js';
import { backoffDelay } from '../backoff.js';
import type { CancelTimer, Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import { isSecretError } from '../errors/index.js';
import { askedPause } from '../errors/transient.js';
import { concernsAll } from './each-name.js';
import type { RequestLimit } from './rate-limit.js';
import { RateLimit } from './rate-limit.js';

/** Probes in a row that were refused: after these nobody waits for the next. */
const MOST_PROBES = 3;
/** Half to the whole of these (ms): the third probe comes more than a second after the first, for most quotas are counted in seconds. */
const PAUSES: BackoffPolicy = { base: 700, factor: 2, max: 2_000 };
/** Nobody waits for longer (ms): it is said to the callers instead. */
const LONGEST_WAIT = 10_000;
/** Milliseconds for which a backend is left alone, whatever it asks for: then one probe is sent. Each secret's own back-off has the rest. */
const LONGEST_REST = 60_000;
/** After the backend was at its limit, more is tried more slowly: for so long (ms), and by this share. */
const CAUTION = { time: 5_000, share: 1 / 8 };
/** Who waits for a limit is told so often (ms) that it waits. */
const TICK = 500;

/** What a failure tells of the backend, whoever asks it. */
export interface Refusal {
  /** It asks for fewer requests; else it gives no answer at all. */
  readonly isThrottled: boolean;
  /** Milliseconds that it asks us to wait. */
  readonly pause: number | undefined;
}

export interface PaceOptions {
  /** Attempts under way at a time, while all is well. */
  readonly most: number;
  /** Kept from the start, whatever the backend takes. @default none */
  readonly limit?: RequestLimit | undefined;
  /** What an error means for all; undefined for what concerns only that attempt. @default as SecretErrors tell it */
  readonly refusalOf?: ((error: unknown) => Refusal | undefined) | undefined;
  readonly clock?: Clock | undefined;
  /** A number in [0, 1). */
  readonly random?: (() => number) | undefined;
}

/** One attempt that may be sent now. */
export interface Turn {
  /**
   * It is over. @param error what it failed with: throttling, and what is not an answer at all, slow down those that follow.
   * True where another attempt is of no use now.
   */
  end(error?: unknown): boolean;
  /** It was given up, and nobody knows what became of it. */
  abandon(): void;
}

interface Waiting {
  readonly go: (turn: Turn) => void;
  readonly giveUp: (error: Error) => void;
  readonly progress: ((later?: number) => void) | undefined;
}

/**
 * How fast one backend is asked, whoever asks: as congestion is avoided on a network. While it answers, nobody waits. A refusal among answers halves
 * what may be under way at a time; where nothing else was answered meanwhile, one attempt at a time (a probe) finds out when it answers again, with pauses
 * in between. Where it refuses probe after probe, those who wait give up with it: in trouble a backend gets fewer requests than in health.
 */
export class Pace {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #limit: RateLimit | undefined;
  readonly #refusalOf: (error: unknown) => Refusal | undefined;
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;
  /** The most of them at a time since the last refusal that was heeded. */
  #peak = 0;
  #window: number;
  /** Attempts so far. What was begun before the window shrank shrinks it no further. */
  #begun = 0;
  #heededUntil = 0;
  #lastAnswered = 0;
  /** Since the last answer. */
  #refusals = 0;
  #probesRefused = 0;
  #limitedAt = Number.NEGATIVE_INFINITY;
  #closedUntil = Number.NEGATIVE_INFINITY;
  #lastRefusal: Error | undefined;
  #cancel: CancelTimer | undefined;

  constructor({ most, limit, refusalOf = ofSecretError, clock = systemClock, random = Math.random }: PaceOptions) {
    this.#most = this.#window = most;
    this.#limit = limit && new RateLimit(limit);
    this.#refusalOf = refusalOf;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Resolves when an attempt may be sent. Rejects with the last refusal where probes were refused again and again meanwhile, so that waiting is of no
   * use, and with the signal's reason.
   * @param progress told of the time that the wait may take.
   */
  async begin(signal: AbortSignal | undefined, progress?: (later?: number) => void): Promise<Turn> {
    signal?.throwIfAborted();
    if (this.#lastRefusal && this.#closedUntil - this.#clock.now() > LONGEST_WAIT) throw this.#lastRefusal;
    const atOnce = this.immediate();
    if (atOnce) return atOnce;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        progress,
        go: (turn) => {
          signal?.removeEventListener('abort', leave);
          resolve(turn);
        },
        giveUp: (error) => {
          signal?.removeEventListener('abort', leave);
          reject(error);
        },
      };
      const leave = (): void => {
        this.#waiting.delete(waiting);
        reject(signal?.reason as Error);
        this.#serve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.add(waiting);
      this.#announce(waiting);
      this.#serve();
    });
  }

  /** A turn, where nobody has to wait. */
  immediate(): Turn | undefined {
    return this.#waiting.size === 0 && this.#isOpen(this.#clock.now()) ? this.#turn() : undefined;
  }

  #isOpen(now: number): boolean {
    const window = this.#probesRefused > 0 ? 1 : Math.floor(this.#window);
    return this.#underWay < window && now >= this.#closedUntil && (this.#limit?.delay(now) ?? 0) <= 0;
  }

  #turn(): Turn {
    const order = ++this.#begun;
    let isOver = false;
    this.#underWay += 1;
    this.#peak = Math.max(this.#peak, this.#underWay);
    this.#limit?.begin();
    const over = (tell: () => void): boolean => {
      if (isOver) return false;
      isOver = true;
      this.#underWay -= 1;
      this.#limit?.end(this.#clock.now());
      tell();
      this.#serve();
      return this.#probesRefused >= MOST_PROBES;
    };
    return {
      end: (error) =>
        over(() => {
          const refusal = error === undefined ? undefined : this.#refusalOf(error);
          if (refusal) this.#refused(order, refusal, error as Error);
          else this.#answered(order);
        }),
      abandon: () => void over(() => undefined),
    };
  }

  #answered(order: number): void {
    this.#lastAnswered = Math.max(order, this.#lastAnswered);
    this.#refusals = 0;
    if (order <= this.#heededUntil) return; // sent before: it tells nothing of now
    this.#probesRefused = 0;
    const share = this.#clock.now() - this.#limitedAt < CAUTION.time ? CAUTION.share : 1;
    this.#window = Math.min(this.#most, this.#window + share / this.#window);
  }

  #refused(order: number, { isThrottled, pause: asked = 0 }: Refusal, error: Error): void {
    // One that hung while others, begun later, were answered is no sign of trouble.
    if (!isThrottled && order < this.#lastAnswered) return;
    const pause = asked > 0 ? Math.min(asked, LONGEST_REST) : 0;
    this.#lastRefusal = error;
    this.#refusals += 1;
    const isNew = order > this.#heededUntil;
    if (isNew) {
      this.#heededUntil = this.#begun;
      this.#window = Math.max(1, Math.min(this.#window, this.#peak) / 2); // a window that nobody fills is no pace
      this.#peak = this.#underWay;
    }
    // A lone one waits for its own next attempt.
    if (pause === 0 && this.#refusals < 2) return;
    // Those that were under way together are refused together: that is one refusal.
    if (!isNew && this.#probesRefused > 0) {
      if (pause > 0) this.#closedUntil = Math.max(this.#closedUntil, this.#clock.now() + pause);
      return;
    }
    this.#probesRefused += pause > LONGEST_WAIT ? MOST_PROBES : 1;
    this.#window = 1;
    this.#heededUntil = this.#begun;
    const now = (this.#limitedAt = this.#clock.now());
    const longest = backoffDelay(this.#probesRefused, PAUSES);
    this.#closedUntil = Math.max(this.#closedUntil, now + Math.max(pause, (longest * (1 + this.#random())) / 2));
    if (this.#probesRefused < MOST_PROBES) return this.#waiting.forEach((waiting) => this.#announce(waiting));
    for (const { giveUp } of this.#waiting) giveUp(error);
    this.#waiting.clear();
  }

  #announce({ progress }: Waiting): void {
    const pause = this.#closedUntil - this.#clock.now();
    if (pause > 0) progress?.(pause);
  }

  #serve(): void {
    // One look at the clock for all: between two of them the pause could end, and nobody would be left to end the wait.
    const now = this.#clock.now();
    for (const waiting of this.#waiting) {
      if (!this.#isOpen(now)) break;
      this.#waiting.delete(waiting);
      waiting.go(this.#turn());
    }
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#waiting.size === 0) return;
    const pause = this.#closedUntil - now;
    const limited = this.#limit?.delay(now) ?? 0;
    // Somebody awaits it: the process stays alive meanwhile.
    if (limited > Math.max(0, pause))
      this.#cancel = this.#clock.setTimer(() => this.#tick(), Math.min(limited, TICK), true);
    else if (pause > 0) this.#cancel = this.#clock.setTimer(() => this.#serve(), pause, true);
  }

  #tick(): void {
    for (const { progress } of this.#waiting) progress?.();
    this.#serve();
  }
}

/** What slows down everybody: the backend asks for fewer requests, or gives no answer at all. */
function ofSecretError(error: unknown): Refusal | undefined {
  if (!isSecretError(error) || error.code === 'SECRET_AUTHENTICATION' || !concernsAll(error)) return undefined;
  return { isThrottled: error.code === 'SECRET_THROTTLED', pause: askedPause(error) };
}
