// `node bench/telemetry/run.mjs`: what `telemetry: openTelemetry()` costs. Ends with 1 where a limit is passed.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { metrics, trace } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { openTelemetry } from 'nestjs-hcp-vault/opentelemetry';

const ROUNDS = Number(process.env.ROUNDS ?? 40);
/** While nobody measures, beside a connection without telemetry. */
const LIMIT = 1.1;
const SECRETS = 1_000;

const names = Array.from({ length: SECRETS }, (_, at) => `S${at}`);

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

async function clientOf(telemetry) {
  const source = memorySource(Object.fromEntries(names.map((name) => [name, `value-of-${name}`])));
  const options = {
    source,
    preload: 'all',
    refresh: { enabled: false },
    ...(telemetry && { telemetry: openTelemetry() }),
  };
  const module = { module: class App {}, imports: [HcpVaultModule.forRoot(options)] };
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const client = app.get(HcpVaultClient);
  return { app, client };
}

/** Microseconds of CPU a reading of one secret: the least of many rounds that take turns. */
async function measure(cases) {
  const least = new Map();
  const TURNS = 200;
  for (let round = 0; round < ROUNDS + 10; round += 1) {
    for (const { name, client, before = () => undefined } of cases) {
      before();
      const began = process.cpuUsage();
      for (let turn = 0; turn < TURNS; turn += 1) await client.fetch(names[turn], { forceRefresh: true });
      const { user, system } = process.cpuUsage(began);
      if (round >= 10) least.set(name, Math.min(least.get(name) ?? Infinity, (user + system) / TURNS)); // the first ones warm up
    }
  }
  return least;
}

const reader = new Reader();
const meters = new MeterProvider({ readers: [reader] });
const tracers = new BasicTracerProvider();
const nobody = () => (metrics.disable(), trace.disable());
const metersOnly = () => (nobody(), metrics.setGlobalMeterProvider(meters));
const both = () => (metersOnly(), trace.setGlobalTracerProvider(tracers));

nobody();
const [without, idle, measured] = [await clientOf(false), await clientOf(true), await clientOf(true)];
const cases = [
  { name: 'without telemetry', client: without.client, before: nobody },
  { name: 'telemetry, nobody measures', client: idle.client, before: nobody },
  { name: 'telemetry, metrics of the SDK', client: measured.client, before: metersOnly },
  { name: 'telemetry, metrics and traces', client: measured.client, before: both },
];
// First as long as the API is not loaded: it stays so once anybody has measured.
const unmeasured = await measure(cases.slice(0, 2));
const least = new Map([...unmeasured, ...(await measure(cases.slice(2)))]);
const [base] = least.values();
let missed = 0;
console.log(`one reading of one secret from memory; CPU time, the least of ${ROUNDS} rounds`);
for (const [name, took] of least) {
  const ratio = took / base;
  const isLimited = name.endsWith('nobody measures');
  if (isLimited && ratio > LIMIT) missed += 1;
  const verdict = !isLimited ? '' : ratio > LIMIT ? `  PAST ITS LIMIT of ${LIMIT}` : `  (limit ${LIMIT})`;
  console.log(
    `  ${name.padEnd(36)}${`${took.toFixed(1)} µs`.padStart(10)}${`${ratio.toFixed(2)} ×`.padStart(10)}${verdict}`,
  );
}
both();
await measured.client.refresh('S1');
const began = process.cpuUsage();
for (let times = 0; times < 20; times += 1) await reader.collect();
const { user, system } = process.cpuUsage(began);
console.log(`  one collection, three connections of ${SECRETS} secrets: ${((user + system) / 20_000).toFixed(2)} ms`);
for (const { app } of [without, idle, measured]) await app.close();
process.exitCode = missed > 0 ? 1 : 0;
