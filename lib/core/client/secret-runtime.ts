import type { SourceCall } from '../cache/source-call.js';
import type { SourceReader } from '../cache/source-reader.js';
import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import type { Audit } from '../observe/audit.js';
import { hideInOutput } from '../redaction.js';
import { TimerAlarm, type Alarm } from '../refresh/alarm.js';
import { Channel } from '../refresh/channel.js';
import { ConnectionLog, silentLogger } from '../refresh/connection-log.js';
import { replaceEnding } from '../refresh/leases-ending.js';
import { LeaseRenewal } from '../refresh/lease-renewal.js';
import { Pauses } from '../refresh/pauses.js';
import { PreviousValues } from '../refresh/previous-values.js';
import { Refresher } from '../refresh/refresher.js';
import { SecretEvents } from '../refresh/secret-events.js';
import { TransitionQueue } from '../refresh/transition-queue.js';
import { Updater } from '../refresh/updater.js';
import { Rejections } from '../rotation/rejections.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { SecretSource } from '../source/secret-source.js';
import type { SourceEvent } from '../source/source-event.js';
import { LiveStore } from '../store/live-store.js';
import { SecretRef, type SecretRefOptions } from '../store/secret-ref.js';
import type { SecretState } from '../tracking/secret-state.js';
import { allListeners } from '../tracking/state-listener.js';
import { RefreshSwitch } from '../tracking/refresh-switch.js';
import { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { Bootstrap, type Preload } from './bootstrap.js';
import { Closing, type Dependent } from './closing.js';
import type { SharingParts } from './caches-at-work.js';
import { ConnectionCaches } from './connection-caches.js';
import { ConnectionObservation } from './connection-observation.js';
import { ConnectionReading } from './connection-reading.js';
import { ConnectionTelemetry } from './connection-telemetry.js';
import { RefreshControl } from './refresh-control.js';
import type { Requirement } from './requirement.js';
import { resolveClientOptions, type ResolvedClientOptions } from './resolve-client-options.js';
import type { RuntimeOptions } from './runtime-options.js';
import { SchemaNames } from './schema-names.js';
import { SourceAttachment } from './source-attachment.js';

export type { Dependent } from './closing.js';
export type { RuntimeOptions } from './runtime-options.js';

/** One connection at work: its source, cache, store and refresh job, wired together. The client is its face, Nest its driver. */
export class SecretRuntime {
  readonly connection: string;
  readonly options: ResolvedClientOptions;
  readonly source: SecretSource;
  readonly clock: Clock;
  readonly secrets: TrackedSecrets;
  readonly store: LiveStore;
  readonly call: SourceCall;
  readonly reader: SourceReader;
  readonly updater: Updater;
  readonly refresher: Refresher;
  readonly log: ConnectionLog;
  readonly events: SecretEvents;
  /** What happens in this connection, for who observes it. */
  readonly observations: ConnectionObservation['observations'];
  /** How the source answers. */
  readonly calls: ConnectionObservation['calls'];
  readonly resources: ConnectionObservation['resources'];
  readonly consumers: ConnectionObservation['consumers'];
  readonly rejections: Rejections;
  readonly schemas: SchemaNames;
  readonly caches: ConnectionCaches;
  readonly control: RefreshControl;
  readonly random: () => number;
  readonly #bootstrap: Bootstrap;
  readonly #previous: PreviousValues;
  readonly #attachment: SourceAttachment;
  readonly #channel: Channel;
  readonly #closing: Closing;
  readonly #telemetry: ConnectionTelemetry;
  #enumerating = false;

  constructor(options: RuntimeOptions) {
    const { source, connection = 'default', clock = systemClock, random = Math.random, logger, ...given } = options;
    this.connection = connection;
    this.source = source;
    this.clock = clock;
    this.random = random;
    const pauses = new Pauses(clock, (since) => this.#channel.stoodStill(since));
    const refreshing = new RefreshSwitch(clock);
    const common = { clock, random, pauses, refreshing, connection, sourceKind: source.kind };
    const told = { ...common, logger: logger ?? silentLogger, secrets: () => this.secrets };
    const log = (this.log = new ConnectionLog(told));
    this.options = resolveClientOptions(given, source, (message) => log.warn(message));
    const { policies, timeout, schema, bootstrapTimeout, sharedCaches, watch, push, telemetry } = this.options;
    const events = (this.events = new SecretEvents(connection, source.kind, clock, log.observerFailed));
    const takeAnnouncedAt = (state: SecretState): number | undefined => this.#channel.takeAnnouncedAt(state);
    const isOver = (): boolean => this.updater.isShut;
    const seen = new ConnectionObservation({ ...told, ...this.options, log, events, takeAnnouncedAt, isOver });
    const { observations, calls, resources, consumers, rotations } = seen;
    [this.observations, this.calls, this.resources, this.consumers] = [observations, calls, resources, consumers];
    const sharing = { caches: sharedCaches, given: this.options, source, policies, timeout, log, events };
    const parts = (): SharingParts => ({ secrets, refresher, channel: this.#channel });
    const caches = (this.caches = new ConnectionCaches({ ...common, observations, ...sharing, parts }));
    const transitions = new TransitionQueue(allListeners(log, events, rotations, caches));
    const onAgedRead = (state: SecretState): void => void this.updater.bringOne(state);
    const areRotationsHeard = (): boolean => this.store.areRotationsHeard;
    const outcomeOf = (askedAt: number): number => pauses.outcomeOf(askedAt, timeout);
    const context = { ...common, policies, listener: transitions, onAgedRead, outcomeOf, areRotationsHeard };
    const secrets = (this.secrets = new TrackedSecrets(context, source, this.options));
    const schemas = (this.schemas = new SchemaNames(schema, secrets, log, source, policies.names));
    const store = (this.store = new LiveStore(connection, clock, log.observerFailed));
    const onSettled = (states: readonly SecretState[]): void => {
      secrets.evict(states);
      this.refresher.schedule();
    };
    const wired = { options: this.options, secrets, store, caches, transitions, observations, calls, log, onSettled };
    const { call, reader, validation, replacedLeases } = new ConnectionReading({ ...common, ...wired, source });
    [this.call, this.reader] = [call, reader];
    const onRenewed = (): void => {
      transitions.settled();
      this.refresher.schedule();
    };
    const renewal = new LeaseRenewal({ ...common, call, timeout, onRefused: onAgedRead, onSettled: onRenewed });
    const readMany = (states: readonly SecretState[]): Promise<void> => this.refresher.read(states);
    const updater = (this.updater = new Updater({ ...common, reader, renewal, timeout, readMany }));
    const job = { secrets, reader, updater, retry: policies.common.retry, enumerates: () => this.#enumerating };
    const refresher = (this.refresher = new Refresher({ ...common, ...job }));
    this.rejections = new Rejections(updater, clock, seen.onRejected, (line) => log.warn(line));
    this.#previous = new PreviousValues(call, validation, clock, store);
    const { jitter, enabled: isRefreshed } = policies.common;
    const heard = { source, watch, push, jitter, isRefreshed, relay: caches.relay };
    this.#channel = new Channel({ ...common, ...heard, policies, secrets, refresher, updater, log, events });
    const controlled = { secrets, refresher, updater, caches, channel: this.#channel, log, events, jitter };
    this.control = new RefreshControl({ ...common, ...controlled });
    this.#attachment = new SourceAttachment(source, log, (event) => this.#hear(event));
    const load = { secrets, schemas, refresher, updater, call, log, policy: policies.common, bootstrapTimeout };
    this.#bootstrap = new Bootstrap({ ...common, ...load });
    const ending = { store, events, secrets, updater, reader, renewal, replacedLeases, call, clock, log, connection };
    this.#telemetry = new ConnectionTelemetry(this, telemetry);
    this.#closing = new Closing({ ...ending, caches, attachment: this.#attachment, telemetry: this.#telemetry });
  }

  /** The first load. Rejects with SecretBootstrapError; what it opened until then is ended. */
  async bootstrap(requirements: readonly Requirement[], preload: Preload): Promise<void> {
    const { required } = this.options;
    const enumerates = (this.#enumerating = preload === 'all' && this.source.readAll !== undefined);
    this.log.starting();
    this.caches.open();
    this.#attachment.startUp();
    try {
      this.#channel.open();
      await this.#telemetry.load(() => this.#bootstrap.run({ requirements, required, preload, enumerates }));
      this.log.started();
      await this.#previous.adoptAll(this.secrets);
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  /** What later parts of the same start need, as the first load is done. Rejects with SecretBootstrapError. */
  bootstrapMore(requirements: readonly Requirement[]): Promise<void> {
    return this.#bootstrap.run({ requirements, required: [], preload: 'decorated', enumerates: false });
  }

  /** The app has started, and stays: what the source obtains may live as long as it is granted. */
  endStartUp(): void {
    this.#attachment.endStartUp();
  }

  /** Starts the refresh job and watching. */
  start(alarm: Alarm = new TimerAlarm(this.clock)): void {
    if (this.updater.isShut) return;
    this.refresher.start(alarm);
    this.#channel.open();
  }

  /** Stops scheduled readings and watching; values stay readable, and leases are renewed while requests drain. */
  stop(): void {
    this.log.draining();
    this.refresher.drain();
    this.caches.stop();
    this.#closing.endsOfChannels ??= this.#channel.close();
  }

  /**
   * Takes an announcement from who has no channel that stays open, as a push channel's listener does: a webhook that is called, another replica.
   * Names are led by the source's `namesOf`; unknown ones are ignored; without `changes`, anything may have changed. Begins readings and waits for none.
   * Never throws, whatever it is given. Nobody hears it after `stop`. @param isOnce for what anybody may repeat: one reading in place of a row of them.
   */
  announce(changes?: readonly AnnouncedChange[], isOnce = false): void {
    this.#channel.take(changes, { isOnce });
  }

  /** Registers what follows this connection's rotations. */
  addDependent(dependent: Dependent): void {
    this.#closing.dependents.add(dependent);
  }

  /** Resolves when everybody has followed the last rotation. */
  async idle(): Promise<void> {
    await Promise.all([...this.#closing.dependents].map((dependent) => dependent.idle()));
  }

  /** Shuts the door, then ends resources, streams and leases, then the source, within a bound. Values stay readable. Ends once, however often it is called. */
  shutdown(): Promise<void> {
    this.stop();
    this.refresher.stop();
    return this.#closing.run();
  }

  /** Who was given what, where it is asked for. */
  get audit(): Audit | undefined {
    return this.#telemetry.audit;
  }

  /** Whether somebody tells of changes. */
  get channel(): Pick<Channel, 'status' | 'statusOf' | 'states' | 'isBeginning'> {
    return this.#channel;
  }

  /** Finds or begins to track a secret that a consumer holds on to: it is never evicted. */
  pin(name: string, version?: string): SecretState {
    const state = this.secrets.obtain(name, version);
    state.pin();
    return state;
  }

  ref<T>(name: string, options: SecretRefOptions & { readonly version?: string | undefined } = {}): SecretRef<T> {
    const state = this.pin(name, options.version);
    const overlap = options.overlap ?? this.options.overlap;
    const isFirst = state.live.retention === 0 && overlap > 0;
    const ref = new SecretRef<T>(state.live, this.store, { ...options, overlap });
    if (isFirst) void this.#previous.adopt(state); // one that was not known at start
    return ref;
  }

  /** Sees to it that a value may be served; undefined where it is so at once. Rejects where there is none, or the app closes. */
  provide(state: SecretState): Promise<void> | undefined {
    const { updater } = this;
    return !updater.isShut && updater.isUsable(state) ? undefined : updater.provide(state);
  }

  #hear(event: SourceEvent): void {
    this.log.session(event);
    this.events.ofSource(event);
    if (event.type === 'leases-ending') replaceEnding(event, this.secrets, this.updater);
  }

  static {
    hideInOutput(SecretRuntime.prototype, (self) => `[secrets ${self.connection}]`);
  }
}
