import type { Attributes, Counter, Histogram, Meter, MeterProvider, Observable } from '@opentelemetry/api';
import { PACKAGE_VERSION } from '../../core/package-version.js';
import type { Described, ObservedName, RecordedName } from './instrument-table.js';
import { OBSERVED, RECORDED } from './instrument-table.js';

/** Under this name instruments and spans are told apart from those of other libraries. */
export const SCOPE = 'nestjs-hcp-vault';

/** All instruments, as one provider has them: one set for all connections. */
export class Instruments {
  readonly meter: Meter;
  readonly observed: Readonly<Record<ObservedName, Observable>>;
  readonly #recorded: Readonly<Record<RecordedName, Counter | Histogram>>;

  private constructor(provider: MeterProvider) {
    const meter = (this.meter = provider.getMeter(SCOPE, PACKAGE_VERSION));
    this.#recorded = mapped(RECORDED, (described) => recordedBy(meter, described));
    this.observed = mapped(OBSERVED, (described) => observedBy(meter, described));
  }

  /** The API has no proxy for metrics: an instrument made before a provider was registered measures nothing for ever. */
  static of(provider: MeterProvider): Instruments {
    let instruments = made.get(provider);
    if (!instruments) made.set(provider, (instruments = new Instruments(provider)));
    return instruments;
  }

  record(name: RecordedName, value: number, attributes: Attributes): void {
    const instrument = this.#recorded[name];
    if ('record' in instrument) instrument.record(value, attributes);
    else instrument.add(value, attributes);
  }
}

const made = new WeakMap<MeterProvider, Instruments>();

function mapped<K extends string, D extends Described, T>(table: Record<K, D>, make: (d: D) => T): Record<K, T> {
  return Object.fromEntries(Object.entries<D>(table).map(([key, described]) => [key, make(described)])) as Record<K, T>;
}

function recordedBy(meter: Meter, { name, kind, bounds, ...options }: Described): Counter | Histogram {
  if (kind !== 'histogram') return meter.createCounter(name, options);
  return meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: [...(bounds ?? [])] } });
}

function observedBy(meter: Meter, { name, kind, unit, description }: Described): Observable {
  const options = { unit, description };
  return kind === 'gauge'
    ? meter.createObservableGauge(name, options)
    : meter.createObservableUpDownCounter(name, options);
}
