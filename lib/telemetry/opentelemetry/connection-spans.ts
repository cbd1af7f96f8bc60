import type { Attributes, Context, Link, Span, SpanContext } from '@opentelemetry/api';
import type { ObservedWork, WorkOutcome, WorkScope } from '../../core/observe/observed-work.js';
import { PACKAGE_VERSION } from '../../core/package-version.js';
import * as attribute from './attributes.js';
import { errorType } from './error-type.js';
import { SCOPE } from './instruments.js';
import { type Api, loadedApi } from './loaded-api.js';

/** Of one span; more who wait for one reading tell nothing more. */
const MOST_LINKS = 32;
const MOST_NAMES = 64;

/**
 * Spans of what a connection does: first load, calls of the source, swaps. A reading is done for all who want it at that moment, and is a part of no one's
 * trace: its span is a root, with links to the spans of those who wait for it. A start has nobody beside it: its calls are its children.
 */
export class ConnectionSpans {
  /** Of the first load, while it is under way. */
  #start: { readonly span: SpanContext; readonly context: Context } | undefined;

  constructor(
    private readonly attributes: Attributes,
    private readonly options: { readonly secretNames: boolean },
  ) {}

  /** The span that is active. */
  caller(): unknown {
    return loadedApi()?.trace.getActiveSpan();
  }

  begins(work: ObservedWork): WorkScope | undefined {
    const api = loadedApi();
    if (!api) return undefined;
    const { trace, context, ROOT_CONTEXT, SpanKind } = api;
    const isShared = work.kind === 'swap' || (work.kind === 'call' && work.callers !== undefined);
    const callers = work.kind === 'call' ? callersOf(work.callers ?? [], api) : [];
    const start = this.#start;
    const isOfStart = isShared && start !== undefined && callers.every(({ spanId }) => spanId === start.span.spanId);
    const parent = !isShared ? context.active() : isOfStart ? start.context : ROOT_CONTEXT;
    const links: Link[] = isOfStart ? [] : callers.map((span) => ({ context: span }));
    const kind = work.kind === 'call' ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const tracer = trace.getTracer(SCOPE, PACKAGE_VERSION);
    const span = tracer.startSpan(nameOf(work), { kind, links, attributes: this.#attributesOf(work) }, parent);
    const within = trace.setSpan(parent, span);
    if (work.kind === 'start') this.#start = { span: span.spanContext(), context: within };
    return {
      run: (inner) => context.with(within, inner),
      over: (outcome) => {
        if (work.kind === 'start') this.#start = undefined;
        end(span, outcome, api);
      },
    };
  }

  #attributesOf(work: ObservedWork): Attributes {
    const { secretNames } = this.options;
    const all = { ...this.attributes, [attribute.SOURCE]: work.source };
    if (work.kind === 'start') return all;
    if (work.kind === 'swap') {
      return { ...all, [attribute.RESOURCE]: work.resource, ...(secretNames && { [attribute.NAME]: work.name }) };
    }
    const { operation, names } = work;
    return {
      ...all,
      [attribute.OPERATION]: operation,
      ...(names && { [attribute.COUNT]: names.length }),
      ...(names && secretNames && { [attribute.NAMES]: names.slice(0, MOST_NAMES) }),
    };
  }
}

function nameOf(work: ObservedWork): string {
  if (work.kind === 'call') return `${work.operation} ${work.source}`;
  return work.kind === 'start' ? `bootstrap ${work.source}` : `swap ${work.resource}`;
}

function callersOf(given: readonly unknown[], { isSpanContextValid }: Api): readonly SpanContext[] {
  const spans = given.filter(
    (one): one is Span => typeof (one as Partial<Span> | undefined)?.spanContext === 'function',
  );
  return spans
    .map((span) => span.spanContext())
    .filter(isSpanContextValid)
    .slice(0, MOST_LINKS);
}

/** The status has no text: messages name secrets. */
function end(span: Span, outcome: WorkOutcome, { SpanStatusCode }: Api): void {
  if (outcome !== 'ok') span.setAttribute(attribute.ERROR_TYPE, errorType(outcome));
  if (outcome !== 'ok' && outcome !== 'interrupted') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
