import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, ContextManager } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** What @opentelemetry/context-async-hooks has. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...parameters: A) => ReturnType<F>>(
    given: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...parameters: A
  ): ReturnType<F> {
    return this.#storage.run(given, () => work.call(self as never, ...parameters));
  }

  bind<T>(given: Context, target: T): T {
    if (typeof target !== 'function') return target;
    return ((...parameters: unknown[]) => this.#storage.run(given, () => target(...parameters) as unknown)) as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}

/** Registers a tracer whose spans a test looks into. */
export function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  for (const api of [trace, context]) api.disable();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncContexts());
  const tracer = trace.getTracer('of the test');
  return {
    spans: (name?: string) => exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
    forget: () => exporter.reset(),
    /** Does work within a span, as a request does. */
    within: <T>(name: string, work: () => Promise<T>): Promise<T> =>
      tracer.startActiveSpan(name, async (span) => {
        try {
          return await work();
        } finally {
          span.end();
        }
      }),
    /** A span of somebody else's, as a driver makes one, in whatever context it is called. */
    leaf: (name: string): void => tracer.startSpan(name).end(),
  };
}
