import type { SecretError } from '../errors/index.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { PushChannel } from '../source/push-channel.js';
import type { SecretSource } from '../source/secret-source.js';
import { SourceUse } from '../source/source-users.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { AnnouncementsOptions, Taken } from './announcements.options.js';
import { Announcements } from './announcements.js';
import type { ConnectionLog } from './connection-log.js';
import type { EasingOptions } from './easing.js';
import { Easing } from './easing.js';
import type { SecretEvents } from './secret-events.js';
import type { ChannelState, ChannelStatus } from './watching.js';
import { Watching } from './watching.js';

export interface ChannelOptions extends Omit<AnnouncementsOptions, 'onMalformed' | 'readAll'>, EasingOptions {
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
  readonly #easing: Easing;
  /** The source's own, where it is listened to. */
  readonly #own: readonly Watching[];
  readonly #push: readonly Watching[];
  readonly #use: SourceUse;
  #isClosed = false;

  constructor(private readonly options: ChannelOptions) {
    this.#use = new SourceUse(options.source);
    const { source, watch, push, connection, log } = options;
    const of = `Secrets of "${connection}"`;
    const onMalformed = (): void =>
      log.warnOnce('announcement', `${of}: something announced what is not a list of changes.`);
    const readAll: AnnouncementsOptions['readAll'] = (freshness) => options.refresher.readStatic(freshness);
    this.#announcements = new Announcements({ ...options, readAll, onMalformed });
    this.#easing = new Easing(options);
    const own = watch && source.watch ? [watchOf(source as Watchable)] : [];
    this.#own = own.map((channel) => this.#watching(channel));
    this.#push = push.map((channel) => this.#watching(copyOf(channel)));
  }

  /** Whether somebody tells of changes: `lost` where any who did is deaf. */
  get status(): ChannelStatus {
    return statusOf(this.#all);
  }

  /** The same of the changes of one secret that is not dynamic. A push channel covers them all. */
  statusOf(name: string): ChannelStatus {
    return statusOf(this.#covers(name) ? this.#all : this.#push);
  }

  /** Each of them: the source's own first. */
  get states(): readonly ChannelState[] {
    return this.#all.map(({ state }) => state);
  }

  /** Whether somebody is about to tell of changes, and nobody does yet. */
  get isBeginning(): boolean {
    return this.status === 'none' && this.#all.some(({ isBeginning }) => isBeginning);
  }

  /** Begins to listen, where that has not begun. */
  open(): void {
    if (!this.#isClosed && this.#own.length > 0) this.#use.begin();
    for (const watching of this.#all) watching.begin();
  }

  /** The process stood still from about `since` on (monotonic): what was announced meanwhile may have gone to nobody. */
  stoodStill(since: number): void {
    for (const watching of this.#push) watching.doubt(since);
  }

  /** Takes what somebody tells who has no channel that stays open, or another process by a shared cache. Never throws. */
  take(changes: readonly AnnouncedChange[] | undefined, taken?: Taken): void {
    this.#announcements.take(changes, taken);
  }

  /** See Announcements. */
  takeAnnouncedAt(state: SecretState): number | undefined {
    return this.#announcements.takeAnnouncedAt(state);
  }

  /** What is announced is heard, and not read. */
  pause(): void {
    this.#announcements.pause();
  }

  /** What was announced meanwhile is read. @param at on the monotonic clock. @param alongside what is to be read in the same turn. */
  resume(at: number, alongside: () => void): void {
    this.#announcements.resume(at, alongside);
  }

  /** Nothing is heard from now on. Resolves when the channels have ended, as far as they say when. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#announcements.stop();
    this.#use.end();
    await Promise.all(this.#all.map((watching) => watching.end()));
  }

  #covers(name: string): boolean {
    const { source } = this.options;
    try {
      return source.covers?.(name) ?? true;
    } catch {
      return false; // what can't tell covers nothing
    }
  }

  get #all(): readonly Watching[] {
    return [...this.#own, ...this.#push];
  }

  /** The source's own watch by itself doesn't ease anything: it may cover some secrets only, as in firstOf, and no option of the app's asks for it. */
  #ease(since = this.options.clock.now()): void {
    if (this.#isClosed) return;
    this.#easing.set(this.#push.length > 0 && this.#push.every(({ isReliable }) => isReliable), since);
  }

  #watching(channel: PushChannel): Watching {
    const { connection, log, events, isRefreshed, clock, random } = this.options;
    const { kind } = channel;
    const isOnly = this.options.push.length === 0;
    const meanwhile = isRefreshed
      ? 'Changes are found by the regular refresh meanwhile.'
      : 'Changes go unseen meanwhile.';
    return new Watching({
      channel,
      connection,
      clock,
      random,
      announcements: this.#announcements,
      onLost: (error: SecretError, isNews: boolean) => {
        if (isNews) log.channelLost(channel, `${error.message} ${meanwhile}`);
        events.ofChannel('channel-lost', kind, error);
      },
      onResumed: () => events.ofChannel('channel-resumed', kind),
      onHeard: () => {
        const by = isOnly ? '' : ` by ${kind}`;
        log.channelResumed(channel, `Changes of secrets of "${connection}" are heard again${by}.`);
      },
      onReliance: (since) => this.#ease(since),
      warn: (message) => log.warn(message),
    });
  }
}

function statusOf(channels: readonly Watching[]): ChannelStatus {
  const all = channels.map(({ status }) => status);
  return all.includes('lost') ? 'lost' : all.includes('live') ? 'live' : 'none';
}

type Watchable = Required<Pick<SecretSource, 'kind' | 'watch'>>;

/** Its kind is asked for once: code of others may do anything at any time. */
const copyOf = (channel: PushChannel): PushChannel => ({
  kind: channel.kind,
  open: (listener, context) => channel.open(listener, context),
});

const watchOf = (source: Watchable): PushChannel => ({
  kind: source.kind,
  open: (listener) => source.watch(listener),
});
