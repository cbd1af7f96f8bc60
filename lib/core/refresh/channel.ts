import type { SecretError } from '../errors/index.js';
import type { SecretSource } from '../source/secret-source.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { Announcing, AnnouncementsOptions } from './announcements.js';
import { Announcements } from './announcements.js';
import type { ConnectionLog } from './connection-log.js';
import type { SecretEvents } from './secret-events.js';
import type { ChannelStatus } from './watching.js';
import { Watching } from './watching.js';

export interface ChannelOptions extends Omit<AnnouncementsOptions, 'onMalformed'> {
  readonly source: SecretSource;
  readonly connection: string;
  readonly log: ConnectionLog;
  /** Whether secrets are read regularly, announced or not. */
  readonly isRefreshed: boolean;
  readonly events: SecretEvents;
}

/** The way of a change from the source that tells of it to the readings that fetch it, and what is told of that way itself. */
export class Channel {
  readonly #announcements: Announcements;
  readonly #watching: Watching;

  constructor(options: ChannelOptions) {
    const { source, connection, log, events } = options;
    const of = `Secrets of "${connection}"`;
    const onMalformed = (): void =>
      log.warnOnce('announcement', `${of}: something announced what is no list of changes.`);
    this.#announcements = new Announcements({ ...options, onMalformed });
    this.#watching = new Watching({
      source,
      connection,
      announcements: this.#announcements,
      onLost: (error: SecretError) => {
        const isRead = options.isRefreshed;
        const meanwhile = isRead
          ? 'Changes are found by the regular refresh meanwhile.'
          : 'Changes go unseen meanwhile.';
        log.channelLost(`${error.message} ${meanwhile}`);
        events.ofChannel('channel-lost', source.kind, error);
      },
      onResumed: () => {
        log.channelResumed(`Changes of secrets of "${connection}" are heard again.`);
        events.ofChannel('channel-resumed', source.kind);
      },
      warn: (message) => log.warn(message),
    });
  }

  /** Whether somebody tells of changes. */
  get status(): ChannelStatus {
    return this.#watching.status;
  }

  /** Begins to listen, where that has not begun. */
  open(): void {
    this.#watching.begin();
  }

  /** What another process tells, by a shared cache. */
  take(changes: readonly AnnouncedChange[], by: Announcing): void {
    this.#announcements.take(changes, by);
  }

  close(): void {
    this.#watching.end();
    this.#announcements.stop();
  }
}
