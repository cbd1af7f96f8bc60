import type { SecretError } from '../errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../errors/index.js';
import type { AnnouncedChange, ChangeListener } from '../source/change-listener.js';
import type { PushChannel } from '../source/push-channel.js';
import type { Unsubscribe } from '../source/secret-source.js';
import type { Announcements } from './announcements.js';

export type ChannelStatus = 'live' | 'lost' | 'none';

export interface WatchingOptions {
  /** A push channel, or a source by its `watch`. */
  readonly channel: PushChannel;
  readonly announcements: Announcements;
  readonly connection: string;
  readonly onLost: (error: SecretError) => void;
  readonly onResumed: () => void;
  readonly warn: (message: string) => void;
}

/** Listens to one who tells of changes. Whatever such a channel does, it stops nothing else. */
export class Watching {
  #status: ChannelStatus = 'none';
  #unsubscribe: Unsubscribe | undefined;
  #isBegun = false;
  #isEnded = false;

  constructor(private readonly options: WatchingOptions) {}

  get status(): ChannelStatus {
    return this.#status;
  }

  /** Begins to listen, before the first load, so that no change is missed. */
  begin(): void {
    const { channel, announcements } = this.options;
    if (this.#isBegun || this.#isEnded) return;
    this.#isBegun = true;
    this.#status = 'live';
    try {
      const opening = channel.open(this.#listener());
      if (typeof opening === 'function') {
        this.#unsubscribe = opening;
        return;
      }
      this.#status = 'none'; // not yet
      void Promise.resolve(opening).then(
        (unsubscribe) => {
          this.#unsubscribe = typeof unsubscribe === 'function' ? unsubscribe : undefined;
          if (this.#isEnded) return void this.end();
          if (this.#status === 'none') this.#status = 'live';
          announcements.catchUp(); // it was deaf until now
        },
        (cause: unknown) => this.#lost(cause),
      );
    } catch (cause) {
      this.#lost(cause);
    }
  }

  /** Resolves when the channel has ended, where it says when. Never rejects. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#status = 'none';
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    try {
      await (unsubscribe?.() as unknown);
    } catch {
      const { connection, channel, warn } = this.options;
      warn(`Secrets of "${connection}": watching ${channel.kind} could not be ended in order.`);
    }
  }

  #listener(): ChangeListener {
    const { announcements } = this.options;
    const guarded = (work: () => void): void => {
      if (!this.#isEnded) work();
    };
    return Object.assign((changes?: readonly AnnouncedChange[]) => guarded(() => announcements.take(changes)), {
      lost: (cause: unknown) => guarded(() => this.#lost(cause)),
      resumed: () => guarded(() => this.#resumed()),
    });
  }

  #lost(cause: unknown): void {
    if (this.#isEnded || this.#status === 'lost') return;
    this.#status = 'lost';
    const { channel, connection, onLost } = this.options;
    const error = isSecretError(cause)
      ? cause
      : new SecretSourceUnavailableError('watching for changes failed.', { cause });
    onLost(error.located({ connection, sourceKind: channel.kind }));
  }

  #resumed(): void {
    if (this.#status !== 'lost') return;
    this.#status = 'live';
    this.options.onResumed();
    this.options.announcements.catchUp();
  }
}
