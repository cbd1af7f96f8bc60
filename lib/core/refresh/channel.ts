import type { SecretError } from '../errors/index.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { PushChannel } from '../source/push-channel.js';
import type { SecretSource } from '../source/secret-source.js';
import type { AnnouncementsOptions } from './announcements.js';
import { Announcements } from './announcements.js';
import type { ConnectionLog } from './connection-log.js';
import type { SecretEvents } from './secret-events.js';
import type { ChannelStatus } from './watching.js';
import { Watching } from './watching.js';

export interface ChannelOptions extends Omit<AnnouncementsOptions, 'onMalformed'> {
  readonly source: SecretSource;
  /** Whether the source's own `watch` is listened to; push channels are, wherever they are given. */
  readonly watch: boolean;
  readonly push: readonly PushChannel[];
  readonly connection: string;
  readonly log: ConnectionLog;
  /** Whether secrets are read regularly, announced or not. */
  readonly isRefreshed: boolean;
  readonly events: SecretEvents;
}

/** The ways of a change, from those who tell of it (the source by its `watch`, push channels, a webhook) to the readings that fetch it, and what is told of the ways themselves. */
export class Channel {
  readonly #announcements: Announcements;
  /** The source's own first, where it is listened to. */
  readonly #watchings: readonly Watching[];

  constructor(private readonly options: ChannelOptions) {
    const { source, watch, push, connection, log } = options;
    const of = `Secrets of "${connection}"`;
    const onMalformed = (): void =>
      log.warnOnce('announcement', `${of}: something announced what is no list of changes.`);
    this.#announcements = new Announcements({ ...options, onMalformed });
    const own = watch && source.watch ? [watchOf(source as Watchable)] : [];
    this.#watchings = [...own, ...push.map(copyOf)].map((channel) => this.#watching(channel));
  }

  /** Whether somebody tells of changes: `lost` where any who did is deaf. */
  get status(): ChannelStatus {
    const all = this.#watchings.map(({ status }) => status);
    return all.includes('lost') ? 'lost' : all.includes('live') ? 'live' : 'none';
  }

  /** Begins to listen, where that has not begun. */
  open(): void {
    for (const watching of this.#watchings) watching.begin();
  }

  /** Takes what somebody tells who has no channel that stays open. Never throws. */
  take(changes: readonly AnnouncedChange[] | undefined, isOnce: boolean): void {
    this.#announcements.take(changes, isOnce);
  }

  /** Nothing is heard from now on. Resolves when the channels have ended, as far as they say when. Never rejects. */
  async close(): Promise<void> {
    this.#announcements.stop();
    await Promise.all(this.#watchings.map((watching) => watching.end()));
  }

  #watching(channel: PushChannel): Watching {
    const { connection, log, events, isRefreshed } = this.options;
    const { kind } = channel;
    const isOnly = this.options.push.length === 0;
    const meanwhile = isRefreshed
      ? 'Changes are found by the regular refresh meanwhile.'
      : 'Changes go unseen meanwhile.';
    return new Watching({
      channel,
      connection,
      announcements: this.#announcements,
      onLost: (error: SecretError) => {
        log.channelLost(channel, `${error.message} ${meanwhile}`);
        events.ofChannel('channel-lost', kind, error);
      },
      onResumed: () => {
        const by = isOnly ? '' : ` by ${kind}`;
        log.channelResumed(channel, `Changes of secrets of "${connection}" are heard again${by}.`);
        events.ofChannel('channel-resumed', kind);
      },
      warn: (message) => log.warn(message),
    });
  }
}

type Watchable = Required<Pick<SecretSource, 'kind' | 'watch'>>;

/** Its kind is asked for once: code of others may do anything at any time. */
const copyOf = (channel: PushChannel): PushChannel => ({
  kind: channel.kind,
  open: (listener) => channel.open(listener),
});

const watchOf = (source: Watchable): PushChannel => ({
  kind: source.kind,
  open: (listener) => source.watch(listener),
});
