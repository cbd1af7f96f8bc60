import type { Attributes, BatchObservableCallback, Meter, Observable } from '@opentelemetry/api';
import type { CancelTimer } from '../../core/clock.js';
import type { Observer } from '../../core/observe/observer.js';
import type { MeasuredConnection, Measuring } from '../../core/observe/telemetry.js';
import { hideInOutput } from '../../core/redaction.js';
import { giveBack, takeNumber } from './app-numbers.js';
import * as attribute from './attributes.js';
import { CacheStandings } from './cache-standings.js';
import { ConnectionSpans } from './connection-spans.js';
import type { RecordedName } from './instrument-table.js';
import { Instruments } from './instruments.js';
import { isAnythingRegistered, loadApi, loadedApi } from './loaded-api.js';
import { observeState } from './observed-state.js';
import { RecordedFacts, RecordedStart, ZEROS } from './recorded-facts.js';

/** Milliseconds between looks for a provider that was registered, or replaced, while nothing happens. */
const LOOK = 10_000;

interface Observing {
  readonly instruments: Instruments;
  readonly stop: () => void;
}

/** One connection, measured through whatever provider is registered at the moment. */
export class MeasuredByOpenTelemetry implements Measuring {
  readonly #number: number;
  readonly #attributes: Attributes;
  /** Of what is recorded: an event may be of another source. */
  readonly #recorded: Attributes;
  readonly #caches = new CacheStandings();
  readonly #unsubscribe: (() => void)[];
  /** What is put around work, once somebody may look at it: to make it up for nobody would cost each call something. */
  #around: readonly Observer[];
  #observing: Observing | undefined;
  #cancel: CancelTimer = () => undefined;
  #isClosed = false;

  constructor(
    private readonly connection: MeasuredConnection,
    private readonly options: { readonly secretNames: boolean },
  ) {
    const { connection: name, source, clock } = connection;
    const number = (this.#number = takeNumber(name));
    this.#attributes = { [attribute.CONNECTION]: name, ...(number > 1 && { [attribute.APP]: number }) };
    this.#recorded = { ...this.#attributes, [attribute.SOURCE]: source };
    const record = (what: RecordedName, value: number, more?: Attributes): void => this.#record(what, value, more);
    this.#around = [new RecordedStart(record, clock), new ConnectionSpans(this.#attributes, options)];
    const facts = [new RecordedFacts(record, options), this.#caches];
    this.#unsubscribe = facts.map((observer) => connection.observe(observer));
    this.#look();
  }

  /** Undefined where nobody measures, or the API is there already: then there is nothing to wait for. */
  ready(): Promise<void> | undefined {
    if (loadedApi() || !isAnythingRegistered()) return undefined;
    return loadApi().then(() => void this.#observe());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#observing?.stop();
    this.#observing = undefined;
    giveBack(this.connection.connection, this.#number);
  }

  /** Sees to it that a provider is found that is registered while nothing happens. */
  #look(): void {
    this.#observe();
    this.#cancel = this.connection.clock.setTimer(() => this.#look(), LOOK);
  }

  #record(name: RecordedName, value: number, more: Attributes = {}): void {
    const take = (instruments: Instruments | undefined): void =>
      instruments?.record(name, value, { ...this.#recorded, ...more });
    if (loadedApi()) take(this.#observe());
    // The first things that happen after a provider was registered.
    else if (isAnythingRegistered()) void loadApi().then(() => take(this.#observe()));
  }

  /** The instruments of the provider that there is now, which observes this connection from now on; undefined where there is none. */
  #observe(): Instruments | undefined {
    const api = loadedApi();
    if (this.#isClosed) return undefined;
    if (!api) {
      if (isAnythingRegistered()) void loadApi().then((loaded) => loaded && this.#observe());
      return undefined;
    }
    for (const observer of this.#around) this.#unsubscribe.push(this.connection.observe(observer));
    this.#around = [];
    const instruments = Instruments.of(api.metrics.getMeterProvider());
    if (instruments === this.#observing?.instruments) return instruments;
    this.#observing?.stop();
    this.#observing = { instruments, stop: this.#observedBy(instruments) };
    for (const [name, attributes] of ZEROS) instruments.record(name, 0, { ...this.#recorded, ...attributes });
    return instruments;
  }

  #observedBy(instruments: Instruments): () => void {
    const [meter, all]: [Meter, Observable[]] = [instruments.meter, Object.values(instruments.observed)];
    const { connection, options } = this;
    const isUp = (cache: string): boolean => this.#caches.isUp(cache);
    const observation = { ...options, instruments, attributes: this.#attributes, isUp };
    const callback: BatchObservableCallback = (result) => {
      if (this.#isClosed) return;
      observeState(connection.state(), { ...observation, result, wall: connection.clock.wall() });
    };
    meter.addBatchObservableCallback(callback, all);
    return () => meter.removeBatchObservableCallback(callback, all);
  }

  static {
    hideInOutput(MeasuredByOpenTelemetry.prototype, ({ connection }) => `[telemetry of ${connection.connection}]`);
  }
}
