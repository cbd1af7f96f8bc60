import type { SourceReader } from '../cache/source-reader.js';
import type { LeaseRenewal } from '../refresh/lease-renewal.js';
import type { ReplacedLeases } from '../refresh/replaced-leases.js';
import type { SecretEvents } from '../refresh/secret-events.js';
import type { Updater } from '../refresh/updater.js';
import { settledWithin } from '../rotation/settled-within.js';
import type { LiveStore } from '../store/live-store.js';
import { ownLease } from '../tracking/own-lease.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { ConnectionCaches } from './connection-caches.js';
import type { ConnectionTelemetry } from './connection-telemetry.js';
import type { SourceAttachment } from './source-attachment.js';
import type { SourceEndingOptions } from './source-ending.js';
import { BOUND, endSource } from './source-ending.js';

/** What is made from secrets, and must come to rest before they end: rotating resources, handlers. */
export interface Dependent {
  /** Resolves when it has followed the last rotation. */
  idle(): Promise<void>;
  /** Ends it; bounded in time by itself. */
  close?(): Promise<void>;
}

export interface ClosingOptions extends SourceEndingOptions {
  readonly secrets: TrackedSecrets;
  readonly store: LiveStore;
  readonly events: SecretEvents;
  readonly updater: Updater;
  readonly reader: SourceReader;
  readonly renewal: LeaseRenewal;
  readonly replacedLeases: ReplacedLeases;
  readonly attachment: SourceAttachment;
  readonly caches: Pick<ConnectionCaches, 'close' | 'sharesLeases'>;
  readonly telemetry: Pick<ConnectionTelemetry, 'close'>;
}

/** The end of a connection: the door is shut before anything is ended, so that nothing is opened that nobody would end. */
export class Closing {
  readonly dependents = new Set<Dependent>();
  /** Of what announced changes: begun when nothing is to be heard any more. */
  endsOfChannels: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(private readonly options: ClosingOptions) {}

  /** Never rejects. Ends once, however often it is called. */
  run(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const { updater, reader, renewal, call, clock, store, secrets, caches } = this.options;
    const { replacedLeases, attachment, events, log } = this.options;
    log.closing();
    updater.shut();
    renewal.shut();
    const shut = reader.shut();
    await settledWithin(BOUND, clock, call.drain(), shut);
    call.abort();
    await settledWithin(BOUND, clock, shut);
    await Promise.allSettled([...this.dependents].map(async (dependent) => dependent.close?.()));
    this.dependents.clear();
    store.close();
    await settledWithin(BOUND, clock, replacedLeases.settled(), this.endsOfChannels);
    const inUse = caches.sharesLeases
      ? []
      : [...secrets].flatMap(({ phase }) => ownLease(phase, clock.now())?.lease ?? []);
    const caching = caches.close(); // before the credentials end that it may hold
    await endSource(this.options, new Set([...replacedLeases.takeAll(), ...inUse]));
    await caching;
    attachment.endStartUp();
    attachment.detach();
    events.close();
    this.options.telemetry.close();
  }
}
