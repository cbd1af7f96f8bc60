// `node bench/guard/run.mjs`: what a guard costs a line that holds no secret. Ends with 1 where a limit is passed.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { secretsGuard } from 'nestjs-hcp-vault/guard';
import { lines, long } from './lines.mjs';
import { secrets } from './secrets.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 40);
const LIMITS = { 200: 0.5, 2000: 1 };
const LIMITED = 'Nest, text';

async function guardOf(count) {
  const source = memorySource(secrets(count));
  const module = { module: class App {}, imports: [HcpVaultModule.forRoot({ source, preload: 'all' })] };
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const client = app.get(HcpVaultClient);
  const before = process.cpuUsage();
  const guard = secretsGuard(client);
  return { app, client, source, guard, madeIn: cpuSince(before) };
}

/** Microseconds of CPU, of all threads. */
function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The least of many rounds that take turns: what else the machine does only adds. */
function measure(cases) {
  const least = new Map();
  const TURNS = 400;
  let sum = 0;
  for (let round = 0; round < ROUNDS + 10; round += 1) {
    for (const { name, work, texts } of cases) {
      const turns = Math.max(4, Math.round(TURNS / (texts[0].length / 200)));
      const before = process.cpuUsage();
      for (let turn = 0; turn < turns; turn += 1) for (const text of texts) sum += work(text).length;
      const each = cpuSince(before) / (turns * texts.length);
      if (round >= 10) least.set(name, Math.min(least.get(name) ?? Infinity, each)); // the first ones warm up
    }
  }
  if (sum === 0) throw new Error('nothing was measured');
  return least;
}

/** What a logger does at least with a line. */
const asJson = (text) => JSON.stringify({ level: 30, time: 1, msg: text });

let missed = 0;
const row = (what, text, verdict = '') => console.log(`  ${what.padEnd(52)}${text.padStart(12)}${verdict}`);
console.log(
  `Node ${process.version}, ${process.arch}; CPU time a line without a secret, the least of ${ROUNDS} rounds`,
);
const few = await guardOf(200);
const many = await guardOf(2000);
const kinds = Object.keys(lines);
const cases = [
  { name: 'JSON', work: asJson, texts: lines[LIMITED] },
  ...[few, many].flatMap(({ guard }, at) => [
    ...kinds.map((kind) => ({ name: `${at} ${kind}`, work: (text) => guard.mask(text), texts: lines[kind] })),
    { name: `${at} 10 KB`, work: (text) => guard.mask(text), texts: long(LIMITED, 10_000) },
  ]),
];
const took = measure(cases);
row('for comparison: JSON.stringify of one', `${took.get('JSON').toFixed(3)} µs`);
for (const [at, count] of [200, 2000].entries()) {
  console.log(`\n${count} secrets, 200 bytes a line`);
  for (const kind of kinds) {
    const each = took.get(`${at} ${kind}`);
    const limit = kind === LIMITED ? LIMITS[count] : undefined;
    if (limit !== undefined && each > limit) missed += 1;
    const verdict =
      limit === undefined ? '' : each > limit ? `  PAST ITS LIMIT of ${limit} µs` : `  (limit ${limit} µs)`;
    row(kind, `${each.toFixed(3)} µs`, `${(each / took.get('JSON')).toFixed(2).padStart(8)} ×${verdict}`);
  }
  row(`${LIMITED}, 10 KB`, `${took.get(`${at} 10 KB`).toFixed(1)} µs`);
}

console.log('\na change');
for (const { client, source, madeIn, guard } of [few, many]) {
  const name = `${guard.status().guarded} secrets`;
  row(`secretsGuard(), ${name}`, `${(madeIn / 1000).toFixed(1)} ms`);
  const fresh = secrets(50);
  let rotated = 0;
  const before = process.cpuUsage();
  for (const [key, value] of Object.entries(fresh)) {
    source.rotate(key, value);
    await client.refresh(key);
    rotated += 1;
  }
  const guarded = cpuSince(before) / rotated;
  guard.stop();
  const again = secrets(50);
  const start = process.cpuUsage();
  for (const [key, value] of Object.entries(again)) {
    source.rotate(key, value);
    await client.refresh(key);
  }
  row(`a rotation, of ${name}: with, and without a guard`, `${guarded.toFixed(0)}, ${(cpuSince(start) / 50).toFixed(0)} µs`); // prettier-ignore
}
await Promise.all([few, many].map(({ app }) => app.close()));
process.exitCode = missed > 0 ? 1 : 0;
