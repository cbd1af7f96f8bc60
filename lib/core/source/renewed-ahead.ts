import { isSecretError, SecretSourceUnavailableError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import { NO_CREDENTIALS } from './each-name.js';
import { unlessAborted } from './unless-aborted.js';

/** Something that somebody gave for a while. */
export interface Lived {
  /** Milliseconds from when it was asked for; 0 where whoever gives it keeps it, and is to be asked each time. */
  readonly life: number;
}

export interface Renewal<T extends Lived, W = void> {
  /** Its name, for errors, e.g. `access token`. */
  readonly of: string;
  readonly sourceKind: string;
  /** Gets a new one. @param signal ends when nobody needs it any more. */
  readonly ask: (signal: AbortSignal, wish: W) => Promise<T>;
  /** How long before its end it is renewed, by its life; both milliseconds. */
  readonly ahead: (life: number) => number;
  /** Who asks in that time waits for the new one, and gets the old one only where none is to be had; else that is at work behind everybody's back. */
  readonly waits?: boolean;
  /** Milliseconds on the monotonic clock. */
  readonly now?: (() => number) | undefined;
}

/** Milliseconds for one, whatever it takes: somebody who never answers must not hold up those who come later. */
const LONGEST = 30_000;

interface Kept<T> {
  readonly value: T;
  /** On the monotonic clock. */
  readonly renewAt: number;
  readonly endsAt: number;
}

/** A credential that is got once for all who ask at the same time, kept, and renewed ahead of its end. Shows nothing of it. */
export class RenewedAhead<T extends Lived, W = void> {
  readonly #renewal: Renewal<T, W>;
  readonly #now: () => number;
  #kept: Kept<T> | undefined;
  #flight: Promise<T> | undefined;
  #ended = new AbortController();

  constructor(renewal: Renewal<T, W>) {
    this.#renewal = renewal;
    this.#now = renewal.now ?? (() => performance.now());
  }

  /** What is in use, or what `ask` rejects with. @param signal of a caller, who goes alone and leaves the flight to the others. */
  async current(wish: W, signal?: AbortSignal): Promise<T> {
    const kept = this.#kept;
    const now = this.#now();
    if (kept && now < kept.renewAt) return kept.value;
    const stillServes = kept && now < kept.endsAt;
    // A renewal that fails is of no account while the old one serves; the next caller tries again.
    const answer = stillServes ? this.#fetch(wish).catch(() => kept.value) : this.#fetch(wish);
    if (stillServes && !this.#renewal.waits) return kept.value;
    return signal ? unlessAborted(answer, signal, () => this.#left(signal)) : answer;
  }

  /** Throws away what was refused; false where it has been replaced already. */
  discard(isRefused: (value: T) => boolean = () => true): boolean {
    if (!this.#kept || !isRefused(this.#kept.value)) return false;
    this.#kept = undefined;
    return true;
  }

  /** Ends what is under way as well; the next who asks begins again. */
  forget(): void {
    this.#kept = undefined;
    this.#flight = undefined;
    this.#ended.abort();
    this.#ended = new AbortController();
  }

  #fetch(wish: W): Promise<T> {
    if (this.#flight) return this.#flight;
    const { ahead } = this.#renewal;
    const sentAt = this.#now(); // its life counts from the asking, so that it never seems longer than it is
    const flight = this.#inTime(wish).then((value) => {
      const { life } = value;
      // Else it was forgotten in the meantime.
      if (this.#flight === flight) this.#kept = { value, renewAt: sentAt + life - ahead(life), endsAt: sentAt + life };
      return value;
    });
    this.#flight = flight;
    const landed = (): void => {
      if (this.#flight === flight) this.#flight = undefined;
    };
    flight.then(landed, landed);
    return flight;
  }

  /** Rejects when it takes too long, and with `forget`, though who was asked may heed no signal. */
  async #inTime(wish: W): Promise<T> {
    const { ask, of, sourceKind } = this.#renewal;
    const ended = this.#ended.signal;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), LONGEST);
    timer.unref();
    const signal = AbortSignal.any([late.signal, ended]);
    const unfinished = (): SecretSourceUnavailableError => {
      const why = ended.aborted ? 'the source was closed while it waited for one' : `none came within ${LONGEST} ms`;
      return new SecretSourceUnavailableError(`there is no ${of}: ${why}.`, { sourceKind });
    };
    try {
      return await unlessAborted(ask(signal, wish), signal, unfinished);
    } catch (error) {
      throw concerningAll(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nothing had an effect, for no request of the caller's own was sent. */
  #left(signal: AbortSignal): SecretSourceUnavailableError {
    const { of, sourceKind } = this.#renewal;
    const cause = signal.reason as unknown;
    return new SecretSourceUnavailableError(`the wait for an ${of} was aborted.`, { sourceKind, cause });
  }

  static {
    hideInOutput(RenewedAhead.prototype, (self) => (#renewal in self ? `[secrets ${self.#renewal.of}]` : '[secrets]'));
  }
}

/** A status of who gives it is not a matter of the secret that was asked for. */
function concerningAll(error: unknown): unknown {
  if (!isSecretError(error) || error.code !== 'SECRET_SOURCE_UNAVAILABLE') return error;
  const { reason, advice, sourceKind, cause } = error;
  const status = (cause as { readonly status?: unknown } | undefined)?.status;
  if (typeof status !== 'number') return error;
  const why = { name: NO_CREDENTIALS, status };
  return new SecretSourceUnavailableError(reason, { advice, sourceKind, cause: why, effect: 'none' });
}
