import { metrics } from '@opentelemetry/api';
import type { DataPoint, Histogram } from '@opentelemetry/sdk-metrics';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** Collects when a test says so. */
class TestReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {
    // Nothing is held back.
  }
  protected async onShutdown(): Promise<void> {
    // Nothing is open.
  }
}

type Value = number | Histogram;

export interface Point {
  readonly value: Value;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** An SDK that a test looks into. */
export class Measured {
  readonly #reader = new TestReader();
  readonly provider = new MeterProvider({ readers: [this.#reader] });

  /** What is registered with the API from now on. */
  register(): this {
    metrics.disable();
    metrics.setGlobalMeterProvider(this.provider);
    return this;
  }

  async collect(): Promise<Collected> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new AggregateError(errors);
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics: found }) => found);
    const points = all.map(
      ({ descriptor, dataPoints }) => [descriptor.name, dataPoints as DataPoint<Value>[]] as const,
    );
    return new Collected(
      new Map(points),
      JSON.stringify(resourceMetrics),
      all.map(({ descriptor }) => descriptor),
    );
  }
}

export class Collected {
  constructor(
    private readonly found: ReadonlyMap<string, readonly Point[]>,
    readonly text: string,
    readonly descriptors: readonly { readonly name: string; readonly unit: string }[],
  ) {}

  get names(): string[] {
    return [...this.found.keys()].sort();
  }

  points(name: string, attributes: Record<string, unknown> = {}): Point[] {
    const wanted = Object.entries(attributes);
    return (this.found.get(name) ?? []).filter((point) =>
      wanted.every(([key, value]) => point.attributes[key] === value),
    );
  }

  /** The sum over all points that have these attributes; undefined where there are none. */
  value(name: string, attributes?: Record<string, unknown>): number | undefined {
    const points = this.points(name, attributes);
    return points.length === 0 ? undefined : points.reduce((sum, { value }) => sum + (value as number), 0);
  }

  /** The one histogram that has these attributes. */
  histogram(name: string, attributes?: Record<string, unknown>): Histogram {
    const points = this.points(name, attributes);
    if (points.length !== 1) throw new Error(`${name} has ${points.length} series: ${JSON.stringify(points)}`);
    return points[0]!.value as Histogram;
  }
}
