import { displayed, type Clock } from '../clock.js';
import type { Channel } from '../refresh/channel.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import { timeText } from '../refresh/outlook.js';
import type { Refresher } from '../refresh/refresher.js';
import type { SecretEvents } from '../refresh/secret-events.js';
import type { Updater } from '../refresh/updater.js';
import type { RefreshSwitch } from '../tracking/refresh-switch.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { ConnectionCaches } from './connection-caches.js';

export interface RefreshControlOptions {
  readonly refreshing: RefreshSwitch;
  readonly refresher: Pick<Refresher, 'pause' | 'resume' | 'wake'>;
  readonly channel: Pick<Channel, 'pause' | 'resume'>;
  readonly caches: Pick<ConnectionCaches, 'resume'>;
  readonly secrets: TrackedSecrets;
  readonly updater: Pick<Updater, 'isShut'>;
  readonly log: ConnectionLog;
  readonly events: SecretEvents;
  readonly clock: Clock;
  readonly random: () => number;
  /** 0 to 1. */
  readonly jitter: number;
}

/** Milliseconds, times jitter, within which a whole fleet that is resumed at one moment reads what it has missed. */
const SPREAD = 1_000;

/** How an operator keeps what is served as it is: nothing without a lease is read by itself, until that is to go on. */
export class RefreshControl {
  constructor(private readonly options: RefreshControlOptions) {}

  get isPaused(): boolean {
    return this.options.refreshing.isOff;
  }

  get pausedSince(): Date | undefined {
    return this.options.refreshing.offSince;
  }

  pause(): void {
    const { refreshing, refresher, channel, updater, log, events } = this.options;
    if (refreshing.isOff || updater.isShut) return;
    refreshing.turnOff();
    channel.pause();
    refresher.pause();
    const what = 'nothing is read by the clock, nor for announcements, until it is resumed';
    log.warn(`Refreshing of "${log.connection}" is paused: ${what}.${this.#firstEnd()} Leases go on.`);
    events.ofConnection('paused');
  }

  /** What was due or announced meanwhile is read once, together, at random within a second times `refresh.jitter`. */
  resume(): void {
    const { refreshing, refresher, channel, caches, updater, log, events, clock, random, jitter } = this.options;
    if (!refreshing.isOff || updater.isShut) return;
    refreshing.turnOn();
    const at = clock.now() + random() * jitter * SPREAD;
    caches.resume();
    // Before the job's alarm of that time, so that both are one reading.
    channel.resume(at, () => refresher.wake());
    refresher.resume(at);
    log.info(`Refreshing of "${log.connection}" goes on: what was due or announced meanwhile is read now.`);
    events.ofConnection('resumed');
  }

  /** An end is an end: who has a `maxStale` is told when a pause begins to cost values. */
  #firstEnd(): string {
    const { secrets, clock } = this.options;
    let first = Number.POSITIVE_INFINITY;
    for (const { isPaused, endsAt } of secrets) if (isPaused) first = Math.min(first, endsAt);
    const end = displayed(first, clock);
    return end ? ` Values stay in use until their \`maxStale\` is over, the first until ${timeText(end)}.` : '';
  }
}
