import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  diskCache,
  getClientToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  Lease,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
  SecretSourceUnavailableError,
  SecretVersion,
  type ChangeListener,
  type SecretSource,
  type SourceEvent,
} from 'nestjs-hcp-vault';
import { secretsGuard } from 'nestjs-hcp-vault/guard';
import { openTelemetry } from 'nestjs-hcp-vault/opentelemetry';
import { parse } from 'yaml';
import { z } from 'zod';
import { CapturedLogger } from '../support/captured-logger.js';
import { expressionOf } from './support/promql.js';
import { Scrape } from './support/scrape.js';

const OPERATIONS = 'docs/operations';

/** A backend with a session, leases and a channel; `away` while nobody can reach it. */
function backend() {
  const memory = memorySource({ DB: { password: 'canary-db-1' }, KEY: 'canary-key-1', CHECKED: 'canary-checked' });
  let tell!: (event: SourceEvent) => void;
  let isAway = false;
  let opened = 0;
  const source: SecretSource = {
    kind: 'vault',
    async read(names, context) {
      if (isAway) throw new SecretSourceUnavailableError('away: canary-of-a-body');
      const answers = new Map(
        await memory.read(
          names.filter((name) => name !== 'LEASED'),
          context,
        ),
      );
      const lease = Lease.of({ id: `lease-${(opened += 1)}`, duration: 60_000 });
      if (names.includes('LEASED'))
        answers.set('LEASED', SecretVersion.of({ user: `canary-user-${opened}` }, { lease }));
      return answers;
    },
    renew: (lease) => Promise.resolve(lease),
    revoke: () => Promise.resolve(),
    observe(listener) {
      tell = listener;
      return () => undefined;
    },
  };
  return {
    source,
    memory,
    tell: (type: SourceEvent['type'], more: Partial<SourceEvent> = {}) => tell({ type, source: 'vault', ...more }),
    setAway: (away: boolean) => (isAway = away),
  };
}

@Injectable()
class Consumer {
  constructor(@InjectSecret('KEY') readonly key: string, @InjectSecret('CHECKED') readonly checked: string) {} // prettier-ignore
  @OnSecretRotated('KEY') swap(): void {
    // It is done at once.
  }
}

describe('a scrape by Prometheus', () => {
  let scrape: Scrape;
  let outage: Scrape;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hcp-otel-'));
    const exporter = new PrometheusExporter({ port: 0, host: '127.0.0.1', preventServerStart: true });
    await exporter.startServer();
    const server = (exporter as unknown as { _server: { address(): AddressInfo } })._server;
    const { port } = server.address();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
    const { source, memory, tell, setAway } = backend();
    let listener!: ChangeListener;
    let isBroken = false;
    const push = { kind: 'sqs', open: (given: ChangeListener) => ((listener = given), () => undefined) };
    const POOL = rotatingProvider({
      provide: 'POOL',
      secret: 'DB',
      drain: '100ms',
      create: async () => {
        if (isBroken) throw Object.assign(new Error('canary-db refused'), { code: '28P01' });
        return { end: () => undefined };
      },
      dispose: () => undefined,
    });
    const disk = diskCache({ dir: join(folder, 'cache'), key: new Uint8Array(32).fill(7) });
    const module = await Test.createTestingModule({
      imports: [
        HcpVaultModule.forRoot({
          source,
          push,
          sharedCache: disk,
          required: ['LEASED'],
          retry: { base: 20, max: 50 },
          schema: { CHECKED: z.string().startsWith('canary-') },
          telemetry: openTelemetry(),
        }),
        HcpVaultModule.forRoot({ connection: 'reports', source: memorySource({}), telemetry: openTelemetry() }),
      ],
      providers: [Consumer, POOL],
    })
      .setLogger(new CapturedLogger())
      .compile();
    await module.init();
    const client = module.get(HcpVaultClient);
    const guard = secretsGuard([client, module.get(getClientToken('reports'))]);
    tell('logged-in', { expiresAt: new Date(Date.now() + 3_600_000) });
    memory.rotate('KEY', 'canary-key-2');
    listener([{ name: 'KEY' }]);
    await client.refresh('KEY');
    memory.rotate('DB', { password: 'canary-db-2' });
    await client.refresh('DB');
    await until(async () => (await Scrape.of(port)).value('secret_client_resource_drain_duration_count') === 1);
    const failing = { connection: 'failing', source: memorySource({}), required: ['NONE'], telemetry: openTelemetry() };
    const start = Test.createTestingModule({ imports: [HcpVaultModule.forRoot(failing)] }).setLogger(
      new CapturedLogger(),
    );
    await expect(start.compile()).rejects.toThrow('NONE');
    isBroken = true;
    memory.rotate('DB', { password: 'canary-db-3' });
    await client.refresh('DB');
    memory.rotate('CHECKED', 'not as the schema says');
    await client.refresh('CHECKED');
    await client.reportRejected('KEY');
    guard.mask('canary-key-2');
    await until(async () => (await Scrape.of(port)).value('secret_client_resource_swap_duration_count', { error_type: '28P01' })! >= 1); // prettier-ignore
    scrape = await Scrape.of(port);
    setAway(true);
    tell('login-failed', { error: new SecretSourceUnavailableError('canary-of-a-login') });
    listener.lost(new Error('canary-of-a-channel'));
    await client.refresh();
    outage = await Scrape.of(port);
    guard.stop();
    await module.close();
    await exporter.shutdown();
  }, 30_000);

  afterAll(async () => {
    metrics.disable();
    await rm(folder, { recursive: true, force: true });
  });

  it('given a rotation, a swap and its failure, a refusal, a rejection and a catch, when it is scraped, then each is there', () => {
    const value = (name: string, labels = {}): number | undefined =>
      scrape.value(`secret_client_${name}`, { secret_connection: 'default', ...labels });
    expect(value('secrets', { secret_state: 'current' })).toBe(4);
    expect(value('rotations_total')).toBe(3);
    expect(value('rotation_lag_count')).toBe(2); // one of them is not followed yet
    expect(
      value('resource_swap_duration_count', { secret_resource_name: 'POOL', error_type: undefined as never }),
    ).toBeGreaterThan(0);
    expect(value('refusals_total', { secret_refused_by: 'schema' })).toBeGreaterThan(0);
    expect(value('rejections_total', { secret_rejected_by: 'reportRejected' })).toBe(1);
    expect(value('guard_catches_total', { secret_guard_place: 'mask' })).toBe(1);
    expect(value('leases')).toBe(1);
    expect(value('lease_remaining')).toBeGreaterThan(50);
    expect(value('session_remaining')).toBeGreaterThan(3_500);
    expect([value('session_up'), value('channel_up'), value('cache_up', { secret_cache: 'disk' }), value('paused')]).toEqual([1, 1, 1, 0]); // prettier-ignore
    expect(value('cache_requests_total', { secret_cache: 'disk', secret_cache_result: 'miss' })).toBeGreaterThan(0);
    expect(scrape.value('secret_client_secrets', { secret_connection: 'reports' })).toBe(0);
  });

  it('given an outage, when it is scraped, then what failed is told by its code', () => {
    const value = (name: string, labels = {}): number | undefined =>
      outage.value(`secret_client_${name}`, { secret_connection: 'default', ...labels });
    expect(value('source_failures')).toBeGreaterThan(0);
    expect([value('session_up'), value('channel_up')]).toEqual([0, 0]);
    expect(value('operation_duration_count', { error_type: 'SECRET_SOURCE_UNAVAILABLE' })).toBeGreaterThan(0);
  });

  it('given values, texts of errors and names, when the scrapes are searched, then nothing of them is there', () => {
    for (const { text } of [scrape, outage]) {
      expect(text).toContain('secret_client_');
      expect(text).not.toMatch(/canary|not as the schema|CHECKED|LEASED|"KEY"|"DB"/);
    }
  });

  it('given the table of the documentation, when it is scraped, then every instrument is there', async () => {
    const page = await readFile('docs/metrics.md', 'utf8');
    const names = [...page.matchAll(/^\| `(secret\.client[\w.]+)`/gm)].map(([, name]) => name!.replaceAll('.', '_'));
    expect(names.length).toBeGreaterThan(20);
    const there = scrape.names;
    expect(names.filter((name) => !['', '_total', '_bucket'].some((ending) => there.has(name + ending)))).toEqual([]);
  });

  describe('the files for Prometheus and Grafana', () => {
    interface Rule { readonly alert: string; readonly expr: string; readonly annotations: Record<string, string>; readonly labels: Record<string, string> } // prettier-ignore
    interface Panel { readonly title: string; readonly type: string; readonly gridPos: { x: number; y: number; w: number; h: number }; readonly targets?: { readonly expr: string; readonly legendFormat: string }[] } // prettier-ignore

    const rules = async (): Promise<Rule[]> =>
      (parse(await readFile(join(OPERATIONS, 'alerts.yml'), 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules: all }) => all); // prettier-ignore
    const dashboard = async () =>
      JSON.parse(await readFile(join(OPERATIONS, 'dashboard.json'), 'utf8')) as {
        panels: Panel[];
        templating: { list: { type: string; definition?: string }[] };
      };
    const written = async (): Promise<[string, string][]> => {
      const { panels } = await dashboard();
      const drawn = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as [string, string])); // prettier-ignore
      return [...(await rules()).map(({ alert, expr }) => [alert, expr] as [string, string]), ...drawn];
    };
    /** What Prometheus adds to each series. */
    const OF_THE_SCRAPE = ['job', 'instance', 'le'];

    it('given each expression, when it is parsed as PromQL, then it is sound, and its metrics and labels are in the scrape', async () => {
      const all = await written();
      expect(all.length).toBeGreaterThan(35);
      const faults: string[] = [];
      for (const [where, text] of all) {
        const { faults: unsound, selected, grouping } = expressionOf(text);
        faults.push(...unsound.map((fault) => `${where}: ${fault}`));
        if (selected.length === 0) faults.push(`${where}: no metric`);
        for (const { metric, labels } of selected) {
          if (!scrape.names.has(metric)) faults.push(`${where}: no metric ${metric}`);
          const known = [...scrape.labelsOf(metric), ...outage.labelsOf(metric), ...OF_THE_SCRAPE];
          faults.push(...[...labels, ...grouping].filter((label) => !known.includes(label)).map((label) => `${where}: ${metric} has no label ${label}`)); // prettier-ignore
        }
      }
      expect(faults).toEqual([]);
    });

    it('given an alert, when its text is read, then it names labels that the expression keeps, and how urgent it is', async () => {
      for (const { alert, expr, annotations, labels } of await rules()) {
        const { grouping } = expressionOf(expr);
        const used = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
        expect([alert, used.filter((label) => !grouping.includes(label!))]).toEqual([alert, []]);
        expect([alert, Object.keys(annotations), ['critical', 'warning', 'info'].includes(labels.severity!)]).toEqual([alert, ['summary', 'description'], true]); // prettier-ignore
      }
    });

    it('given the dashboard, when it is drawn, then panels lie beside one another, and variables name what there is', async () => {
      const { panels, templating } = await dashboard();
      for (const [at, { gridPos: one }] of panels.entries()) {
        expect(one.x + one.w).toBeLessThanOrEqual(24);
        for (const { gridPos: two } of panels.slice(at + 1)) {
          const apart = one.x + one.w <= two.x || two.x + two.w <= one.x || one.y + one.h <= two.y || two.y + two.h <= one.y; // prettier-ignore
          expect([one, two, apart]).toEqual([one, two, true]);
        }
      }
      const queries = templating.list.flatMap(({ definition }) => definition ?? []);
      const named = queries.map((query) => /^label_values\((\w+), (\w+)\)$/.exec(query)!.slice(1) as [string, string]);
      expect(named).toHaveLength(2);
      for (const [metric, label] of named) expect([...scrape.labelsOf(metric), 'job']).toContain(label);
      for (const { targets = [] } of panels) {
        for (const { expr, legendFormat } of targets) {
          const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
          expect([expr, shown.filter((label) => !expressionOf(expr.replaceAll('$__rate_interval', '5m')).grouping.includes(label))]).toEqual([expr, []]); // prettier-ignore
        }
      }
    });

    it('given the line that turns names into those of the Collector, when it is done, then all that is measured in seconds says so, and nothing else', async () => {
      const page = await readFile('docs/metrics.md', 'utf8');
      const [, pattern, replacement] = /sed -E 's\/(.+?)\/(\S+?)\/g'/.exec(page)!;
      const seconds = new Set([...page.matchAll(/^\| `(secret\.client[\w.]+)`\s*\| \w+\s*\| `s` /gm)].map(([, name]) => name!.replaceAll('.', '_'))); // prettier-ignore
      for (const [where, text] of await written()) {
        const turned = expressionOf(text.replaceAll(new RegExp(pattern!, 'g'), replacement!.replaceAll('\\1', '$1')));
        const expected = expressionOf(text).selected.map(({ metric }) => {
          const base = metric.replace(/_(bucket|count|sum|total)$/, '');
          return seconds.has(base) ? metric.replace(base, `${base}_seconds`) : metric;
        });
        expect([where, turned.selected.map(({ metric }) => metric)]).toEqual([where, expected]);
      }
      expect((await readFile(join(OPERATIONS, 'alerts.yml'), 'utf8')).includes(`s/${pattern}/${replacement}/g`)).toBe(
        true,
      );
    });
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came to that');
}
