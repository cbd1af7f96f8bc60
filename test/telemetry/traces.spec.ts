import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Test } from '@nestjs/testing';
import {
  HcpVaultClient,
  HcpVaultModule,
  memorySource,
  rotatingProvider,
  SecretSourceUnavailableError,
  type SecretSource,
} from 'nestjs-hcp-vault';
import { openTelemetry, type OpenTelemetryOptions } from 'nestjs-hcp-vault/opentelemetry';
import { CapturedLogger } from '../support/captured-logger.js';
import { tracing } from './support/tracing.js';

/** An app on the real clock whose source makes a span of its own, as an HTTP client that is traced does. */
async function traced(options: OpenTelemetryOptions = {}, providers: unknown[] = []) {
  const traces = tracing();
  const memory = memorySource({ A: 'canary-a-1', B: 'canary-b-1', DB: { password: 'canary-db-1' } });
  let failure: Error | undefined;
  const http = (): void => traces.leaf('GET');
  const source: SecretSource = {
    ...pick(memory),
    async read(names, given) {
      http();
      if (failure) throw failure;
      return memory.read(names, given);
    },
    list(prefix, given) {
      http();
      return memory.list(prefix, given);
    },
  };
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source, required: ['A', 'B'], retry: { base: 10, max: 20 }, telemetry: openTelemetry(options) })], // prettier-ignore
    providers: providers as [],
  })
    .setLogger(new CapturedLogger())
    .compile();
  await module.init();
  return {
    ...traces,
    module,
    memory,
    client: module.get(HcpVaultClient),
    fail: (error: Error | undefined) => (failure = error),
  };
}

const pick = ({ kind, read, list }: SecretSource): SecretSource => ({ kind, read, list: list! });

afterEach(() => {
  trace.disable();
  context.disable();
});

describe('traces', () => {
  it('given a start, when it is over, then its span has its calls as children, and these what the source does', async () => {
    const { spans, module } = await traced();
    const [start] = spans('bootstrap memory');
    const [read] = spans('read memory');
    const [get] = spans('GET');
    expect(start).toMatchObject({ kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } });
    expect(start!.attributes).toEqual({ 'secret.connection': 'default', 'secret.source': 'memory' });
    expect(read).toMatchObject({ kind: SpanKind.CLIENT, links: [] });
    expect(read!.attributes).toEqual({
      'secret.connection': 'default',
      'secret.source': 'memory',
      'secret.operation.name': 'read',
      'secret.count': 2,
    });
    expect(read!.parentSpanContext?.spanId).toBe(start!.spanContext().spanId);
    expect(get!.parentSpanContext?.spanId).toBe(read!.spanContext().spanId);
    await module.close();
  });

  it('given two requests that wait for one reading, when it is over, then its span is a root with a link to each, and neither has it in its trace', async () => {
    const { spans, forget, within, client, module } = await traced();
    forget();
    await Promise.all([
      within('first', () => client.fetch('A', { forceRefresh: true })),
      within('second', () => client.fetch('B', { forceRefresh: true })),
    ]);
    const [read, ...others] = spans('read memory');
    expect(others).toEqual([]);
    expect(read!.parentSpanContext).toBeUndefined();
    const requests = [spans('first')[0]!, spans('second')[0]!];
    expect(read!.links.map(({ context: { spanId } }) => spanId).sort()).toEqual(requests.map((span) => span.spanContext().spanId).sort()); // prettier-ignore
    expect(requests.map((span) => span.spanContext().traceId)).not.toContain(read!.spanContext().traceId);
    expect(spans('GET')[0]!.parentSpanContext?.spanId).toBe(read!.spanContext().spanId);
    await module.close();
  });

  it('given what is done for one caller, when it is over, then its span is a child of the caller', async () => {
    const { spans, forget, within, client, module } = await traced();
    forget();
    await within('request', () => client.list());
    const [list] = spans('list memory');
    expect(list!.parentSpanContext?.spanId).toBe(spans('request')[0]!.spanContext().spanId);
    expect(spans('GET')[0]!.parentSpanContext?.spanId).toBe(list!.spanContext().spanId);
    await module.close();
  });

  it('given a call that fails, when it is over, then its span says by which code, and has no text', async () => {
    const { spans, forget, fail, client, module } = await traced();
    forget();
    fail(new SecretSourceUnavailableError('canary-of-a-body'));
    await client.refresh('A');
    const [read] = spans('read memory');
    expect(read).toMatchObject({ status: { code: SpanStatusCode.ERROR }, events: [] });
    expect(read!.status.message).toBeUndefined();
    expect(read!.attributes['error.type']).toBe('SECRET_SOURCE_UNAVAILABLE');
    fail(undefined);
    await module.close();
  });

  it('given a rotation that a request brings in, when the resource is swapped, then that is a trace of its own, with what the driver does in it', async () => {
    let leaf: (name: string) => void = () => undefined;
    let isBroken = false;
    const POOL = rotatingProvider({
      provide: 'POOL',
      secret: 'DB',
      create: async () => {
        leaf('connect');
        if (isBroken) throw Object.assign(new Error('canary refused'), { code: '28P01' });
        return {};
      },
      dispose: () => undefined,
    });
    const app = await traced({}, [POOL]);
    ({ leaf } = app);
    app.forget();
    app.memory.rotate('DB', { password: 'canary-db-2' });
    await app.within('request', () => app.client.refresh('DB'));
    await until(() => app.spans('swap POOL').length === 1);
    const [swap] = app.spans('swap POOL');
    expect(swap).toMatchObject({ kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } });
    expect(swap!.parentSpanContext).toBeUndefined();
    expect(swap!.attributes).toEqual({ 'secret.connection': 'default', 'secret.source': 'memory', 'secret.resource.name': 'POOL' }); // prettier-ignore
    expect(app.spans('connect')[0]!.parentSpanContext?.spanId).toBe(swap!.spanContext().spanId);
    app.forget();
    isBroken = true;
    app.memory.rotate('DB', { password: 'canary-db-3' });
    await app.client.refresh('DB');
    await until(() => app.spans('swap POOL').length > 0);
    expect(app.spans('swap POOL')[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': '28P01' },
    });
    await app.module.close();
  });

  it('given secretNames, when calls are traced, then names are attributes; without it, they are nowhere, and values never', async () => {
    for (const secretNames of [true, false]) {
      const { spans, module, memory, client } = await traced({ secretNames });
      memory.rotate('A', 'canary-a-2');
      await client.refresh('A');
      const text = JSON.stringify(spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))); // prettier-ignore
      expect(text.includes('"secret.names":["A","B"]')).toBe(secretNames);
      if (!secretNames) expect(text).not.toMatch(/"[AB]"/);
      expect(text).not.toContain('canary');
      await module.close();
    }
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to that');
}
