import type { KeyObject } from 'node:crypto';
import type { SharedReadings } from '../cache/shared-readings.js';
import type { CacheStatus } from '../shared/tier-health.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionType } from '../tracking/transitions.js';
import type { CachesAtWork, CachesAtWorkOptions } from './caches-at-work.js';
import type { ResolvedClientOptions } from './resolve-client-options.js';

export interface ConnectionCachesOptions extends CachesAtWorkOptions {
  /** Options of the connection's. */
  readonly given: Pick<ResolvedClientOptions, 'fingerprintKey'>;
}

/** The shared caches of one connection as the rest of it knows them. What works with them is loaded by the first that needs it; without caches nothing is. */
export class ConnectionCaches implements StateListener {
  #atWork: CachesAtWork | undefined;
  #loading: Promise<CachesAtWork | undefined> | undefined;
  #isStopped = false;
  #isClosed = false;

  constructor(private readonly options: ConnectionCachesOptions) {}

  /** What readings ask before the source, as soon as it is loaded; undefined where there are no caches. */
  get readings(): (() => Promise<SharedReadings | undefined>) | undefined {
    if (this.options.caches.length === 0) return undefined;
    return async () => (await this.#loaded())?.readings;
  }

  /** Begins to open them; nobody waits for it but who looks for something. */
  open(): void {
    if (this.options.caches.length > 0) void this.#loaded();
  }

  /** Each of them, as they are asked. */
  get statuses(): readonly CacheStatus[] {
    return this.#atWork?.statuses ?? this.options.caches.map(({ kind }) => ({ kind, state: 'closed' }));
  }

  told(state: SecretState, type: TransitionType): void {
    this.#atWork?.told(state, type);
  }

  settled(): void {
    // Each is told at once.
  }

  /** The connection was paused, and goes on: what others have put meanwhile is taken. */
  resume(): void {
    this.#atWork?.resume();
  }

  /** Whether others use the credentials that this process has opened. */
  get sharesLeases(): boolean {
    return this.#atWork?.sharesLeases ?? false;
  }

  /** Under which this process and others call states alike that have no version of the source's. */
  readonly fingerprintKey = (): KeyObject | undefined =>
    this.options.given.fingerprintKey ?? this.#atWork?.fingerprintKey;

  /** What a channel of this process has announced; without a name it may be anything. */
  readonly relay = (name?: string, version?: string): void => this.#atWork?.announce(name, version);

  /** Something has changed at the source, as this process knows: it has written it, or was told of it. */
  announce({ name }: Pick<SecretState, 'name'>, version?: string): void {
    this.relay(name, version);
  }

  /** Nothing that is heard is read any more. */
  stop(): void {
    this.#isStopped = true;
    this.#atWork?.stop();
  }

  /** Writes what is left, but forgets the credentials that end with this process. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#loading)?.close();
  }

  /** Never rejects: where it can't be loaded, as in a bundle that lacks it, the app goes on without caches, as with those that can't be reached. */
  #loaded(): Promise<CachesAtWork | undefined> {
    return (this.#loading ??= import('./caches-at-work.js').then(
      ({ CachesAtWork }) => this.#begin(new CachesAtWork(this.options)),
      () => {
        const { connection, log } = this.options;
        log.warn(`The shared caches of "${connection}" can not be loaded. The app goes on without them.`);
        return undefined;
      },
    ));
  }

  /** It may be over by now. */
  async #begin(atWork: CachesAtWork): Promise<CachesAtWork> {
    this.#atWork = atWork;
    if (this.#isStopped) atWork.stop();
    if (this.#isClosed) await atWork.close();
    else atWork.open();
    return atWork;
  }
}
