// `npm run bench`: what the package adds to the start of an app, and to each request. Ends with 1 where a limit is passed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { measureImports } from './imports.mjs';

const PROCESSES = Number(process.env.ROUNDS ?? 9);
const LIMITS = { start: 2.5, growth: 3, declaredGrowth: 2, request: 1.7 };

function child(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', path, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout);
}

/** The middle one of some; of two the lesser. */
const median = (times) => times.sort((one, other) => one - other)[(times.length - 1) >> 1];

/**
 * The median of some processes for each way, by turns: the same boot takes more or less as a collection of garbage falls into it, and the least would
 * be of a plain boot without one.
 * @param later boots after the first one
 */
function boots(shape, { processes = PROCESSES, later = 6 } = {}) {
  const all = { plain: {}, secrets: {} };
  for (let i = 0; i < processes; i += 1) {
    for (const way of ['plain', 'secrets']) {
      const took = child('boot.mjs', way, JSON.stringify(shape), String(1 + later));
      for (const [what, time] of Object.entries(took)) (all[way][what] ??= []).push(time);
    }
  }
  const medians = (times) => Object.fromEntries(Object.entries(times).map(([what, some]) => [what, median(some)]));
  return { plain: medians(all.plain), secrets: medians(all.secrets) };
}

let missed = 0;
function tell(what, plain, secrets, unit, limit) {
  const ratio = secrets / plain;
  const passed = limit !== undefined && ratio > limit;
  missed += passed ? 1 : 0;
  const verdict = limit === undefined ? '' : passed ? `  PAST ITS LIMIT of ${limit}` : `  (limit ${limit})`;
  const figure = (number) => `${number.toFixed(1)}${unit}`.padStart(11);
  console.log(`  ${what.padEnd(44)}${figure(plain)}${figure(secrets)}${ratio.toFixed(2).padStart(8)} ×${verdict}`);
}
function tellBoots(what, { plain, secrets }, limit) {
  tell(`${what}, first boot`, plain.first, secrets.first, ' ms', limit);
  tell(`${what}, best later one`, plain.later, secrets.later, ' ms');
}
function tellGrowth(what, measure, many, few, limit) {
  const grown = (way) => many[way][measure] / few[way][measure];
  tell(what, grown('plain'), grown('secrets'), ' ×', limit);
}

console.log(`Node ${process.version}, ${process.arch}; CPU time, the median of ${PROCESSES} processes`);
console.log(`\n${'a start'.padEnd(46)}${'plain'.padStart(11)}${'secrets'.padStart(11)}${'ratio'.padStart(10)}`);
const of = (classes, names) => ({ classes, parameters: 1, properties: 2, names });
tellBoots('50 classes × 3, 30 names', boots(of(50, 30)), LIMITS.start);
const few = boots(of(50, 150));
tellBoots('50 classes × 3, 150 names', few, LIMITS.start);
tellBoots('500 classes × 3, 30 names', boots(of(500, 30), { processes: 3 }));
const many = boots(of(500, 1500), { processes: 3 });
tellBoots('500 classes × 3, 1500 names', many);
tellGrowth('10 times as many take, first boot', 'first', many, few, LIMITS.growth);

console.log('\ndefaults of one secret, each an object of its own');
const defaults = (classes, some) =>
  boots({ classes, parameters: 0, properties: 1, names: 1, defaults: true }, { processes: some, later: 1 });
const fewDefaults = defaults(500, 4);
const manyDefaults = defaults(4000, 2);
for (const [count, { plain, secrets }] of [
  [500, fewDefaults],
  [4000, manyDefaults],
]) {
  tell(`${count} defaults, the decorators alone`, plain.declared, secrets.declared, ' ms');
  tellBoots(`${count} defaults`, { plain, secrets });
}
tellGrowth('8 times as many take, decorators', 'declared', manyDefaults, fewDefaults, LIMITS.declaredGrowth);

console.log('\na request');
const parameters = child('requests.mjs', '2');
tell('an instance with 2 parameters', parameters.plain, parameters.secrets, ' µs', LIMITS.request);
const properties = child('requests.mjs', '0');
tell('an instance with 2 properties', properties.plain, properties.secrets, ' µs');
missed += measureImports();
process.exitCode = missed > 0 ? 1 : 0;
