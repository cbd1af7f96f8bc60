import { Intake } from '../cache/intake.js';
import { SourceCall } from '../cache/source-call.js';
import { SourceReader } from '../cache/source-reader.js';
import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import { hideInOutput } from '../redaction.js';
import type { Alarm } from '../refresh/alarm.js';
import { TimerAlarm } from '../refresh/alarm.js';
import { Arrivals } from '../refresh/arrivals.js';
import type { SecretLogger } from '../refresh/connection-log.js';
import { ConnectionLog, silentLogger } from '../refresh/connection-log.js';
import { LeaseRenewal } from '../refresh/lease-renewal.js';
import { PreviousValues } from '../refresh/previous-values.js';
import { Refresher } from '../refresh/refresher.js';
import { ReplacedLeases } from '../refresh/replaced-leases.js';
import { SecretEvents } from '../refresh/secret-events.js';
import type { TrackedSecret } from '../refresh/tracked-secret.js';
import { TrackedSecrets } from '../refresh/tracked-secret.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import type { SecretSource, Unsubscribe } from '../source/secret-source.js';
import { Rejections } from '../rotation/rejections.js';
import { LiveStore } from '../store/live-store.js';
import type { SecretRefOptions } from '../store/secret-ref.js';
import { SecretRef } from '../store/secret-ref.js';
import { Bootstrap } from './bootstrap.js';
import type { ClientOptions, ResolvedClientOptions } from './client-options.js';
import { resolveClientOptions } from './client-options.js';
import type { Requirement } from './requirement.js';
import { endSource } from './source-ending.js';

export interface RuntimeOptions extends ClientOptions {
  readonly source: SecretSource;
  /** @default 'default' */
  readonly connection?: string | undefined;
  readonly clock?: Clock | undefined;
  /** A number in [0, 1); Math.random by default. */
  readonly random?: (() => number) | undefined;
  readonly logger?: SecretLogger | undefined;
}

/** What is made from secrets, and must come to rest before they end: rotating resources, handlers. */
export interface Dependent {
  /** Resolves when it has followed the last rotation. */
  idle(): Promise<void>;
  /** Ends it; bounded in time by itself. */
  close?(): Promise<void>;
}

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
  readonly refresher: Refresher;
  readonly log: ConnectionLog;
  readonly events: SecretEvents;
  readonly rejections: Rejections;
  readonly random: () => number;
  readonly #bootstrap: Bootstrap;
  readonly #previous: PreviousValues;
  readonly #replacedLeases: ReplacedLeases;
  readonly #unobserve: Unsubscribe;
  #enumerating = false;
  #unwatch: Unsubscribe | undefined;
  readonly #dependents = new Set<Dependent>();

  constructor(options: RuntimeOptions) {
    const { source, connection = 'default', clock = systemClock, random = Math.random } = options;
    this.connection = connection;
    this.source = source;
    this.clock = clock;
    this.options = resolveClientOptions(options, source);
    const { policy, timeout, hook, schema, bootstrapTimeout } = this.options;
    const sourceKind = source.kind;
    this.log = new ConnectionLog(connection, options.logger ?? silentLogger);
    this.secrets = new TrackedSecrets(connection, source, this.options.maxEntries);
    this.store = new LiveStore(connection, clock);
    this.call = new SourceCall(source, { timeout, clock, connection });
    this.events = new SecretEvents(connection, sourceKind, clock);
    const { secrets, store, log, call, events } = this;
    const replacedLeases = new ReplacedLeases({ call, clock, events, log });
    this.#replacedLeases = replacedLeases;
    const intake = new Intake({ hook, schema, connection });
    const common = { policy, clock, random, log, events };
    const arrivals = new Arrivals({ ...common, secrets, store, intake, sourceKind, replacedLeases });
    this.reader = new SourceReader(
      call,
      clock,
      (answers) => arrivals.deliver(answers),
      () => {
        secrets.evict();
        this.refresher.schedule();
      },
    );
    const { reader } = this;
    this.rejections = new Rejections(reader, clock);
    this.random = random;
    const enumerates = (): boolean => this.#enumerating;
    const renewal = new LeaseRenewal({
      ...common,
      call,
      read: (entry) => void reader.read(entry),
      onExtended: (entry, endsAt) => {
        const { live } = secrets.of(entry);
        live.expiresAt = endsAt;
        // The age that the old end had set is over: a reader must not open new credentials for a lease that goes on.
        live.confirm(entry.loaded?.loadedAtWall ?? clock.wall());
      },
      onSchedule: () => this.refresher.schedule(),
    });
    this.refresher = new Refresher({ ...common, secrets, reader, renewal, connection, sourceKind, enumerates });
    const { retry } = policy;
    this.#previous = new PreviousValues(call, clock);
    this.#unobserve =
      source.observe?.((event) => {
        log.session(event);
        events.ofSource(event);
        if (event.type !== 'leases-ending') return;
        void this.refresher.read(
          (event.names ?? []).flatMap((name) => this.secrets.find(name) ?? []),
          true,
        );
      }) ?? (() => undefined);
    const { refresher } = this;
    this.#bootstrap = new Bootstrap({
      secrets,
      refresher,
      clock,
      random,
      connection,
      sourceKind,
      retry,
      bootstrapTimeout,
    });
  }

  /** The first load. Rejects with SecretBootstrapError; what it opened until then is ended. */
  async bootstrap(requirements: readonly Requirement[], preload: 'decorated' | 'all' | 'none'): Promise<void> {
    const named = this.options.required.map((name) => ({ name, need: 'must' }) as const);
    const first = preload === 'none' ? named : [...requirements, ...named];
    const all = preload === 'all' && this.source.readAll !== undefined;
    if (preload === 'all' && !all) {
      this.log.warn(
        `Secrets of "${this.connection}": the source ${this.source.kind} can't list within a bound, so \`preload: "all"\` reads what is decorated or required.`,
      );
    }
    this.#enumerating = all;
    try {
      await this.#bootstrap.run(first, all);
      await Promise.all([...this.secrets].map((secret) => this.#previous.adopt(secret)));
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  /** Starts the refresh job and watching. */
  start(alarm: Alarm = new TimerAlarm(this.clock)): void {
    this.refresher.start(alarm);
    if (!this.options.policy.enabled) return;
    const onChange = (changes?: readonly AnnouncedChange[]): void => {
      const names = changes?.map((change) => (typeof change === 'string' ? change : change.name));
      const changed = names?.flatMap((name) => this.secrets.find(name) ?? []);
      void this.refresher.read(changed ?? [...this.secrets].filter(({ entry }) => !entry.isDynamic), true);
    };
    const nothing = (): void => undefined;
    this.#unwatch = this.source.watch?.(Object.assign(onChange, { lost: nothing, resumed: nothing })) as Unsubscribe;
  }

  /** Stops the refresh job and watching; values stay readable. */
  stop(): void {
    this.refresher.stop();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** Registers what follows this connection's rotations. */
  addDependent(dependent: Dependent): void {
    this.#dependents.add(dependent);
  }

  removeDependent(dependent: Dependent): void {
    this.#dependents.delete(dependent);
  }

  /** Resolves when everybody has followed the last rotation. */
  async idle(): Promise<void> {
    await Promise.all([...this.#dependents].map((dependent) => dependent.idle()));
  }

  /** Ends resources, then streams and leases, then the source, within a bound. Values stay readable. */
  async shutdown(): Promise<void> {
    this.stop();
    await Promise.allSettled([...this.#dependents].map(async (dependent) => dependent.close?.()));
    this.#dependents.clear();
    this.store.close();
    const inUse = [...this.secrets].flatMap(({ entry }) => entry.loaded?.lease ?? []);
    const { call, clock, log, connection } = this;
    await endSource({ call, clock, log, connection }, [...this.#replacedLeases.takeAll(), ...inUse]);
    this.#unobserve();
    this.events.close();
  }

  /** Finds or begins to track a secret that a consumer holds on to: it is never evicted. */
  pin(name: string, version?: string): TrackedSecret {
    const secret = this.secrets.obtain(name, version);
    secret.entry.pinned = true;
    return secret;
  }

  ref<T>(name: string, options: SecretRefOptions & { readonly version?: string | undefined } = {}): SecretRef<T> {
    const secret = this.pin(name, options.version);
    const overlap = options.overlap ?? this.options.overlap;
    const isFirst = secret.live.replaced.retention === 0 && overlap > 0;
    const ref = new SecretRef<T>(secret.live, this.store, { ...options, overlap });
    if (isFirst) void this.#previous.adopt(secret); // one that was not known at start
    return ref;
  }

  /**
   * Sees to it that a secret has been read at least once. Within a back-off it waits for its end, where that comes within one time-out;
   * otherwise the last error is the answer. Resolves when there is an outcome, good or bad.
   */
  async settle({ entry }: TrackedSecret): Promise<void> {
    const { clock, reader, options } = this;
    const wait = (entry.failure?.retryAt ?? 0) - clock.now();
    if (!entry.flight && entry.isBackingOff(clock.now())) {
      if (wait > options.timeout) return;
      await clock.sleep(wait);
    }
    await reader.read(entry);
    // It may have joined an enumeration that has nothing to say of it; then it is read by name.
    if (!entry.loaded && !entry.failure) await reader.read(entry);
  }

  static {
    hideInOutput(SecretRuntime.prototype, (self) => `[secrets ${self.connection}]`);
  }
}
