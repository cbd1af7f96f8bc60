import type { ServerResponse } from 'node:http';
import type { CancelTimer, Clock } from '../../core/clock.js';
import { systemClock } from '../../core/clock.js';
import { hideInOutput } from '../../core/redaction.js';
import type { StatusChanges, StatusFeed } from '../../core/status/status-feed.js';
import type { StatusReport } from '../../core/status/status-report.js';

/** Streams at a time. */
const MOST = 32;
/** Milliseconds between two looks, each of which tells all who watch that we live. */
const PACE = 1_000;
/** Milliseconds after which one that takes nothing is given up. */
const PATIENCE = 30_000;

interface Viewer {
  readonly response: ServerResponse;
  /** Since when it has not taken what it was sent (monotonic); undefined while it keeps up. */
  fullSince: number | undefined;
  /** It missed changes meanwhile, and needs all of it. */
  hasMissed: boolean;
}

/**
 * Those who watch. There is one look a second for all of them, and what it finds is written once and sent to each. Nothing is kept for who reads slowly: he
 * misses what comes until he has taken what he was sent, and then gets the whole of it.
 */
export class Viewers {
  readonly #viewers = new Set<Viewer>();
  #whole: Buffer | undefined;
  #cancel: CancelTimer | undefined;
  #isClosed = false;

  constructor(
    private readonly feed: StatusFeed,
    private readonly clock: Pick<Clock, 'now' | 'setTimer'> = systemClock,
  ) {
    for (const key of ['feed', 'clock']) Object.defineProperty(this, key, { enumerable: false });
  }

  get hasRoom(): boolean {
    return !this.#isClosed && this.#viewers.size < MOST;
  }

  /** How all stands now. Who watches hears of what is found. */
  report(): StatusReport {
    this.#look();
    const report = this.feed.report();
    if (this.#viewers.size === 0) this.feed.forget();
    return report;
  }

  /** Looks at once, for something was done. */
  look(): void {
    if (this.#viewers.size > 0) this.#look();
  }

  /** Sends all there is, and from now on what changes, until the other side leaves or the app ends. Its head has been written. */
  add(response: ServerResponse): void {
    const viewer: Viewer = { response, fullSince: undefined, hasMissed: false };
    const leave = (): void => this.#leave(viewer);
    response.on('close', leave);
    response.on('error', leave);
    response.on('drain', () => this.#drained(viewer));
    const { at, verdict } = this.#look();
    this.#viewers.add(viewer);
    this.#send(viewer, this.#wholeFrame());
    // The whole may have been written for another one, a while ago.
    this.#send(viewer, frameOf('changes', { at, verdict, secrets: [], gone: [] }));
    this.#cancel ??= this.clock.setTimer(() => this.#tick(), PACE);
  }

  /** Ends all streams. True where there were any. */
  close(): boolean {
    this.#isClosed = true;
    const viewers = [...this.#viewers];
    for (const viewer of viewers) {
      viewer.response.end();
      this.#leave(viewer);
    }
    return viewers.length > 0;
  }

  #tick(): void {
    this.#cancel = this.#viewers.size > 0 ? this.clock.setTimer(() => this.#tick(), PACE) : undefined;
    const now = this.clock.now();
    for (const { response, fullSince } of this.#viewers) {
      if (fullSince !== undefined && now - fullSince > PATIENCE) response.destroy();
    }
    this.look();
  }

  #look(): StatusChanges {
    const changes = this.feed.look();
    const { connections, secrets, gone } = changes;
    const isNews = connections !== undefined || secrets.length + gone.length > 0;
    if (isNews) this.#whole = undefined;
    if (this.#viewers.size === 0) return changes;
    const frame = frameOf('changes', changes);
    for (const viewer of this.#viewers) {
      if (viewer.fullSince === undefined) this.#send(viewer, frame);
      else viewer.hasMissed ||= isNews;
    }
    return changes;
  }

  #drained(viewer: Viewer): void {
    viewer.fullSince = undefined;
    if (!viewer.hasMissed || !this.#viewers.has(viewer)) return;
    viewer.hasMissed = false;
    this.#send(viewer, this.#wholeFrame());
  }

  #wholeFrame(): Buffer {
    return (this.#whole ??= frameOf('report', this.feed.report()));
  }

  #send(viewer: Viewer, frame: Buffer): void {
    if (!viewer.response.write(frame)) viewer.fullSince ??= this.clock.now();
  }

  #leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
    this.#cancel?.();
    this.#cancel = this.#whole = undefined;
    this.feed.forget();
  }

  static {
    hideInOutput(Viewers.prototype, () => '[secrets status page]');
  }
}

/** JSON has no line breaks, so that it is one line of an event. */
const frameOf = (event: string, data: object): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
