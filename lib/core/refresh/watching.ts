import { backoffDelay } from '../backoff.js';
import type { CancelTimer, Clock } from '../clock.js';
import type { SecretError, SecretErrorCode } from '../errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../errors/index.js';
import type { AnnouncedChange, ChangeListener } from '../source/change-listener.js';
import type { CloseChannel, PushChannel } from '../source/push-channel.js';
import type { Announcements } from './announcements.js';

export type ChannelStatus = 'live' | 'lost' | 'none';

/** How one who tells of changes stands. */
export interface ChannelState {
  /** Of the source, where it tells of them itself, or of the channel in `push`. */
  readonly kind: string;
  /** `opening`: it has not heard yet. `closed`: the app closes, or it was not begun. */
  readonly state: 'opening' | 'live' | 'lost' | 'closed';
  /** Since when; absent where it was not begun. */
  readonly since?: Date;
  /** The last announcement in this process. */
  readonly heardAt?: Date;
  /** Why it was lost last. */
  readonly lastError?: { readonly code: SecretErrorCode; readonly message: string; readonly at: Date };
}

export interface WatchingOptions {
  /** A push channel, or a source by its `watch`. */
  readonly channel: PushChannel;
  readonly announcements: Announcements;
  readonly connection: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** @param isNews false for one that comes and goes, while its last loss stands in the log. */
  readonly onLost: (error: SecretError, isNews: boolean) => void;
  readonly onResumed: () => void;
  /** It hears again, and for as long as is asked of one that comes and goes. */
  readonly onHeard: () => void;
  /** Whether it can be relied upon has changed. @param since when it could no longer, on the monotonic clock, where that was before now. */
  readonly onReliance: (since?: number) => void;
  readonly warn: (message: string) => void;
}

/** Milliseconds of hearing after which a channel no longer comes and goes. */
const STEADY = 300_000;
/** Milliseconds that one which comes and goes has to hear until all is read for it: meanwhile the regular refresh goes on as without it. */
const FLAPPING = { base: 1_000, factor: 2, max: STEADY, least: 500 };

/** Listens to one who tells of changes. Whatever such a channel does, it stops nothing else. */
export class Watching {
  #status: ChannelStatus = 'none';
  #close: CloseChannel | undefined;
  /** It has told of everything since what is held was read. */
  #isReliable = false;
  /** Another one for each reading that is to catch up: only the last of them counts. */
  #catchingUp = {};
  /** Losses in a row, each soon after it was heard again. */
  #flaps = 0;
  #resumedAt = Number.NEGATIVE_INFINITY;
  #isToldLost = false;
  #cancel: CancelTimer | undefined;
  readonly #closing = new AbortController();
  #isBegun = false;
  #isEnded = false;
  /** Milliseconds since 1970. */
  #since: number | undefined;
  #heardAt: number | undefined;
  #lastError: ChannelState['lastError'];

  constructor(private readonly options: WatchingOptions) {}

  get status(): ChannelStatus {
    return this.#status;
  }

  get state(): ChannelState {
    const [since, heardAt, lastError] = [this.#since, this.#heardAt, this.#lastError];
    const isOpening = this.isBeginning;
    return {
      kind: this.options.channel.kind,
      state: this.#status === 'none' ? (isOpening ? 'opening' : 'closed') : this.#status,
      ...(since !== undefined && { since: new Date(since) }),
      ...(heardAt !== undefined && { heardAt: new Date(heardAt) }),
      ...(lastError && { lastError }),
    };
  }

  /** True while it has neither begun to hear nor failed to. */
  get isBeginning(): boolean {
    return this.#isBegun && !this.#isEnded && this.#status === 'none';
  }

  /** True while nothing can have changed that it has not told of. */
  get isReliable(): boolean {
    return this.#isReliable;
  }

  /** Begins to listen, before the first load, so that no change is missed. */
  begin(): void {
    const { channel, onReliance } = this.options;
    if (this.#isBegun || this.#isEnded) return;
    this.#isBegun = true;
    this.#become('live');
    try {
      const opening = channel.open(this.#listener(), { signal: this.#closing.signal });
      if (typeof opening === 'function') {
        this.#close = opening;
        if (this.status === 'live') this.#isReliable = true; // nothing has been read yet
        return onReliance();
      }
      this.#become('none'); // not yet
      void Promise.resolve(opening).then(
        (close) => {
          this.#close = typeof close === 'function' ? close : undefined;
          if (this.#isEnded) return void this.end();
          if (this.#status === 'none') this.#become('live');
          if (this.#status === 'live') this.#catchUp(); // it was deaf until now
        },
        (cause: unknown) => this.#lost(cause),
      );
    } catch (cause) {
      this.#lost(cause);
    }
  }

  /** The process stood still, and the channel may have lost what it was told meanwhile. @param since on the monotonic clock. */
  doubt(since: number): void {
    if (this.#status === 'live') this.#catchUp(since);
  }

  /** Resolves when the channel has ended, where it says when. Never rejects. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#become('none');
    this.#catchingUp = {};
    this.#cancel?.();
    this.#closing.abort();
    const close = this.#close;
    this.#close = undefined;
    try {
      await close?.();
    } catch {
      const { connection, channel, warn } = this.options;
      warn(`Secrets of "${connection}": watching ${channel.kind} could not be ended in order.`);
    }
  }

  #listener(): ChangeListener {
    const guarded = (work: () => void): void => {
      if (!this.#isEnded) work();
    };
    return Object.assign((changes?: readonly AnnouncedChange[]) => guarded(() => this.#heard(changes)), {
      lost: (cause: unknown) => guarded(() => this.#lost(cause)),
      resumed: () => guarded(() => this.#resumed()),
    });
  }

  #become(status: ChannelStatus): void {
    this.#status = status;
    this.#since = this.options.clock.wall();
  }

  #heard(changes: readonly AnnouncedChange[] | undefined): void {
    const { announcements, clock } = this.options;
    this.#heardAt = clock.wall();
    announcements.take(changes);
  }

  #lost(cause: unknown): void {
    if (this.#isEnded || this.#status === 'lost') return;
    this.#become('lost');
    this.#isReliable = false;
    this.#catchingUp = {};
    this.#cancel?.();
    this.options.onReliance();
    const { channel, connection, onLost, clock } = this.options;
    this.#flaps = clock.now() - this.#resumedAt < STEADY ? this.#flaps + 1 : 0;
    const isNews = !this.#isToldLost;
    this.#isToldLost = true;
    const error = isSecretError(cause)
      ? cause
      : new SecretSourceUnavailableError('watching for changes failed.', { cause });
    const located = error.located({ connection, sourceKind: channel.kind });
    const { code, message } = located;
    this.#lastError = { code, message, at: new Date(clock.wall()) };
    onLost(located, isNews);
  }

  #resumed(): void {
    if (this.#status !== 'lost') return;
    const { onResumed, clock, random } = this.options;
    this.#become('live');
    this.#resumedAt = clock.now();
    onResumed();
    if (this.#flaps === 0) return this.#catchUp();
    this.#cancel = clock.setTimer(() => this.#catchUp(), backoffDelay(this.#flaps, FLAPPING, random()));
  }

  #catchUp(since?: number): void {
    const { announcements, onReliance, onHeard } = this.options;
    this.#cancel?.();
    if (this.#isToldLost) onHeard();
    this.#isToldLost = false;
    const mine = (this.#catchingUp = {});
    this.#isReliable = false;
    onReliance(since);
    announcements.catchUp(() => {
      if (this.#catchingUp !== mine || this.#status !== 'live') return;
      this.#isReliable = true;
      onReliance();
    });
  }
}
