// Eight real processes over a real Redis: what a fleet costs source and Redis, and how soon all have a rotation.
//   node bench/fleet-processes/run.mjs [--processes=8] [--secrets=3] [--every=1000] [--intervals=20] [--kills=2] [--cluster]
// Ends with 1 where a limit is passed.
import { Buffer } from 'node:buffer';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../scripts/bundle.mjs';
import { startServers } from './servers.mjs';

const option = (name, fallback) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const PROCESSES = option('processes', 8);
const EVERY = option('every', 1_000);
const INTERVALS = option('intervals', 20);
const KILLS = option('kills', 2);
const names = Array.from({ length: option('secrets', 3) }, (_, at) => `SECRET_${at}`);
const isCluster = process.argv.includes('--cluster');
const LIMITS = { delay: 100 };

/** The tests' own fleet, as deep below the root as it is there: it finds the root by going up. */
const folder = fileURLToPath(new URL('../../.cache/bench/fleet/processes', import.meta.url));
await bundle(
  { fleet: 'test/caches/redis/support/fleet.ts' },
  { dir: folder, format: 'es', entryFileNames: '[name].mjs' },
);
const { CountingSource, Fleet } = await import('../../.cache/bench/fleet/processes/fleet.mjs');

const nodes = await startServers(isCluster);
const addresses = nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
const source = new CountingSource();
const key = Buffer.alloc(32, 3).toString('base64');
const fleet = new Fleet({ source: await source.start(), names, every: EVERY, key, redis: addresses });

/** Calls of each command until now, of all nodes. */
function calls() {
  const all = new Map();
  for (const node of nodes) {
    for (const [, name, count] of node.cli('info', 'commandstats').matchAll(/cmdstat_(\S+?):calls=(\d+)/g)) {
      all.set(name, (all.get(name) ?? 0) + Number(count));
    }
  }
  return all;
}
const sockets = () =>
  nodes.reduce((sum, node) => sum + node.cli('client', 'list').split('\n').filter((line) => !line.includes('cmd=client')).length, 0); // prettier-ignore

let isMissed = false;
function tell(label, value, limit) {
  const isPast = limit !== undefined && value > limit;
  isMissed ||= isPast;
  const verdict = limit === undefined ? '' : `  (${isPast ? 'PAST ITS LIMIT of' : 'limit'} ${limit})`;
  console.log(`  ${label.padEnd(64)} ${Number.isInteger(value) ? value : value.toFixed(2)}${verdict}`);
}

try {
  fleet.build();
  await fleet.add(PROCESSES);
  await pause(2 * EVERY);
  const before = calls();
  const since = Date.now();
  await pause(INTERVALS * EVERY);
  const until = Date.now();
  const after = calls();
  const atRest = sockets();
  await pause(EVERY);
  const intervals = (until - since) / EVERY;
  const within = source.reads.filter(({ at }) => at >= since && at < until);
  const most = Math.max(...names.map((name) => within.filter((read) => read.name === name).length));
  const requests = new Set(within.map(({ at, by }) => `${at} ${by}`)).size;
  const delays = fleet.delaysOf(within).sort((a, b) => a - b);
  const share = (part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))];
  console.log(
    `Node ${process.version}, ${process.arch}: ${PROCESSES} processes, ${names.length} secrets, one interval ${EVERY} ms, ${isCluster ? 'a Redis Cluster of three' : 'one Redis'}`,
  );
  tell('readings of the secret that was read most, an interval', most / intervals, 1 + 1 / intervals);
  tell('requests to the source, an interval', requests / intervals);
  tell('rotations seen', delays.length);
  tell('from the reading until another process shows it, ms: best', delays[0]);
  tell('  half of them', share(0.5));
  tell('  99 of a hundred', share(0.99), LIMITS.delay);
  tell('  the last', delays.at(-1));
  const used = [...after].map(([name, count]) => [name, (count - (before.get(name) ?? 0)) / intervals]);
  const scripts = used.filter(([name]) => /^eval/.test(name)).reduce((sum, [, count]) => sum + count, 0);
  tell('scripts in Redis, an interval and process', scripts / PROCESSES);
  for (const [name, count] of used.filter(([, count]) => count >= 0.5).sort((a, b) => b[1] - a[1])) {
    tell(`  ${name}, an interval`, count);
  }
  tell('connections to Redis, a process', atRest / PROCESSES);
  const killing = Date.now();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const reader = await new Promise((resolve) => {
      source.gate = (by) => {
        source.gate = () => undefined;
        resolve(by);
        return pause(50);
      };
    });
    fleet.byId(reader).signal('SIGKILL');
    await pause(4 * EVERY);
  }
  const lasted = (Date.now() - killing) / EVERY;
  const worst = Math.max(...names.map((name) => source.countOf(name, killing)));
  if (KILLS > 0) tell(`readings of a secret in ${lasted.toFixed(0)} intervals with ${KILLS} readers killed`, worst, Math.floor(lasted) + 1 + KILLS); // prettier-ignore
} finally {
  await fleet.end();
  source.stop();
  for (const node of nodes) await node.stop();
}
process.exitCode = isMissed ? 1 : 0;
