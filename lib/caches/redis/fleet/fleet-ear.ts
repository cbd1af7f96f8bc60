import type { CancelTimer, Clock } from '../../../core/clock.js';
import type { FleetStorage, Listening } from './fleet-storage.js';

export interface FleetEarOptions {
  readonly storage: FleetStorage;
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  /** Gives whether it is a message of those who have the key, and no repetition: what others publish says nothing of what was missed. */
  readonly heard: (message: string) => boolean;
  /** Deaf from now on. */
  readonly lost: (cause: unknown) => void;
  /** Something was missed, or may have been. @param fence that was the highest by now, where that is known. */
  readonly missed: (fence: number | undefined) => void;
}

/**
 * Milliseconds between two looks at whether a message was missed: where a client says when it does not hear, where it doesn't, and while something is known
 * to be wrong; and until a message that is on its way counts as missed.
 */
const LOOK = 60_000;
const LOOK_UNSURE = 5_000;
const LOOK_DEAF = 1_000;
const ON_ITS_WAY = 250;
/** Milliseconds between two looks at all that is in use: whoever can write the numbers of messages must not have everybody look again and again. */
const SPACING = 1_000;

interface Compared {
  readonly wasMissed: boolean;
  readonly fence: number;
}

/**
 * Listens to a fleet, and notices what it did not hear: messages are numbered, and pub/sub forgets those of a lost connection (which clients of a cluster
 * don't even tell of), so the last number is asked for from time to time.
 */
export class FleetEar {
  /** The number of the last message that was heard, or made up for, of each channel. */
  readonly #last = new Map<string, number>();
  readonly #listening: Listening;
  #isUp = false;
  #isDeaf = false;
  /** Something may have been missed, and it can't be said what. */
  #isInDoubt = false;
  #isOver = false;
  #cancel: CancelTimer = () => undefined;
  /** Whether it is known from where on messages count. */
  #isCompared = false;
  #missedAt = Number.NEGATIVE_INFINITY;
  /** Of the look that waits for its time, and the fence that it is told. */
  #cancelMiss: CancelTimer = () => undefined;
  #missedFence: number | undefined;
  #checking: Promise<Compared | undefined> = Promise.resolve(undefined);
  readonly #ending = new AbortController();

  constructor(private readonly options: FleetEarOptions) {
    const { storage, channels } = options;
    void this.#check(); // before it is heard at all: what comes in between is missed
    this.#listening = storage.listen(channels, {
      heard: (channel, number, message) => this.#heard(channel, number, message),
      up: () => this.#up(),
      down: (cause) => this.#down(cause),
    });
    this.#lookLater(this.#pause);
  }

  /** A call has failed: whether the storage is there again is looked at soon, and often. */
  doubt(): void {
    if (this.#isOver || this.#isInDoubt) return;
    this.#isInDoubt = true;
    this.#lookLater(LOOK_DEAF);
  }

  end(): void {
    this.#isOver = true;
    this.#ending.abort();
    this.#cancel();
    this.#cancelMiss();
    this.#listening.end();
  }

  get #pause(): number {
    return this.#listening.isCertain ? LOOK : LOOK_UNSURE;
  }

  #heard(channel: string, number: number, message: string): void {
    if (this.#isOver || !this.options.heard(message) || !Number.isSafeInteger(number)) return;
    const last = this.#last.get(channel);
    if (last === undefined || number > last) this.#last.set(channel, number);
    if (last !== undefined && number > last + 1) this.#miss(undefined);
  }

  #up(): void {
    if (this.#isOver) return;
    this.#isUp = true;
    const wasDeaf = this.#isDeaf;
    this.#isDeaf = false;
    void this.#check().then((compared) => {
      if (wasDeaf && !compared?.wasMissed && !this.#isOver) this.#miss(compared?.fence);
    });
  }

  #down(cause: unknown): void {
    if (this.#isOver || this.#isDeaf) return;
    this.#isUp = false;
    this.#isDeaf = true;
    this.options.lost(cause);
    this.#lookLater(LOOK_DEAF);
  }

  #miss(fence: number | undefined): void {
    const { clock, missed } = this.options;
    const wait = this.#missedAt + SPACING - clock.now();
    this.#missedFence = fence ?? this.#missedFence; // none is ever lower than one before
    this.#cancelMiss();
    if (wait > 0) {
      this.#cancelMiss = clock.setTimer(() => this.#miss(undefined), wait);
      return;
    }
    this.#missedAt = clock.now();
    const told = this.#missedFence;
    this.#missedFence = undefined;
    missed(told);
  }

  #lookLater(delay: number): void {
    const { clock, random } = this.options;
    this.#cancel();
    if (!this.#isOver) this.#cancel = clock.setTimer(() => void this.#look(), delay * (0.75 + random() / 2));
  }

  async #look(): Promise<void> {
    if (this.#isUp) await this.#check();
    else this.#listening.ensure();
    this.#lookLater(this.#isUp && !this.#isInDoubt ? this.#pause : LOOK_DEAF);
  }

  /** Compares what was heard with what there is, one comparison at a time. What was missed it tells. Never rejects. */
  #check(): Promise<Compared | undefined> {
    return (this.#checking = this.#checking.then(() => this.#compare()));
  }

  async #compare(): Promise<Compared | undefined> {
    const { storage, channels, clock } = this.options;
    const before = new Map(this.#last);
    const count = await storage.count(channels).catch(() => undefined);
    if (!count) this.#isInDoubt = true;
    if (!count || this.#isOver) return undefined;
    const { numbers, fence } = count;
    const isBehind = (channel: string, at: number): boolean => (this.#last.get(channel) ?? -1) < numbers[at]!;
    if (before.size > 0 && channels.some(isBehind)) await clock.sleep(ON_ITS_WAY, this.#ending.signal);
    let wasMissed = this.#isInDoubt && this.#isCompared;
    this.#isInDoubt = false;
    channels.forEach((channel, at) => {
      const known = before.get(channel);
      const isLess = known !== undefined && numbers[at]! < known; // all was lost there, and is numbered again
      if (!isLess && !isBehind(channel, at)) return;
      this.#last.set(channel, numbers[at]!);
      wasMissed ||= known !== undefined || this.#isCompared;
    });
    this.#isCompared = true;
    if (wasMissed && !this.#isOver) this.#miss(fence);
    return { wasMissed, fence };
  }
}
