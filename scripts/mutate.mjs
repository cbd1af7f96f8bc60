// `npm run mutate`: does a test notice when lib/core is changed a little? Applies a sample of small changes, one at a time and each in a copy of the
// repository, and runs the tests of the core there. Ends with 1 where fewer than 85 % are noticed.
//
//   --count 150    size of the sample          --seed 1     another seed is another sample
//   --only TEXT    files that hold this text   --no-fuzz    without test/fuzz
//   --lanes 2      changes tried at once       --list       shows the sample, and tries nothing
//
// A sampler of our own: StrykerJS draws no sample, its current version wants Node 22, and all of the core's 2,000 and more mutants would take half a
// day, as each needs tests of many seconds. What is noticed, by a failing test or by one that hangs, and what survives is in .cache/mutants.json.
// Survivors that change nothing which anybody could see are named in mutate/equivalent.json, with the reason: { file, code, change, reason }.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { changeOf, mutantsOf } from './mutate/mutants.mjs';
import { Scratch } from './mutate/scratch.mjs';

const LEAST = 0.85;
const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    lanes: { type: 'string', default: '2' },
    'no-fuzz': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

/** Quick ones first: what fails there need not run the rest. */
const STAGES = ['test/core/', ...(options['no-fuzz'] ? [] : ['test/fuzz/']), 'test/nest/|test/contract/live'];
const FEW_SCENARIOS = { FUZZ_RUNS: '60', FUZZ_SHRINKS: '0' };

const known = JSON.parse(readFileSync(join(root, 'scripts/mutate/equivalent.json'), 'utf8'));
const isEquivalent = (mutant) =>
  known.some(({ file, code, change }) => file === mutant.file && code === mutant.code && change === changeOf(mutant));

const all = readdirSync(join(root, 'lib/core'), { recursive: true })
  .map((name) => `lib/core/${name.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.ts') && file.includes(options.only))
  .sort()
  .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
const sample = shuffled(all, Number(options.seed)).slice(0, Number(options.count));
console.log(`${sample.length} of ${all.length} mutants, seed ${options.seed}`);
if (options.list) {
  for (const mutant of sample) console.log(`  ${mutant.file}:${mutant.line}  ${changeOf(mutant)}`);
  process.exit();
}

const lanes = Array.from({ length: Number(options.lanes) }, () => new Scratch(root));
const removeAll = () => lanes.forEach((lane) => lane.remove());
process.on('exit', removeAll);
process.on('SIGINT', () => process.exit(130));

/** What the tests take where nothing is changed; two lanes at once, as it will be. */
const limits = [];
for (const stage of STAGES) {
  const begun = performance.now();
  const results = await Promise.all(lanes.map((lane) => lane.test(stage, FEW_SCENARIOS, 600_000)));
  if (results.some((result) => result !== 'passed')) {
    console.error(`The tests of ${stage} fail where nothing is changed.`);
    process.exit(2);
  }
  limits.push(Math.max(30_000, 4 * (performance.now() - begun)));
}

const waiting = [...sample];
const tried = [];
await Promise.all(
  lanes.map(async (lane) => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const result = isEquivalent(mutant) ? 'equivalent' : await tryOne(lane, mutant);
      tried.push({ result, change: changeOf(mutant), ...mutant });
      console.log(
        `  ${String(tried.length).padStart(3)}  ${result.padEnd(10)}  ${mutant.file}:${mutant.line}  ${changeOf(mutant)}`,
      );
    }
  }),
);

const count = (result) => tried.filter((mutant) => mutant.result === result).length;
const counted = tried.length - count('equivalent');
const score = (count('killed') + count('timeout')) / counted;
const summary = {
  seed: Number(options.seed),
  mutants: all.length,
  sample: tried.length,
  killed: count('killed'),
  timeout: count('timeout'),
  survived: count('survived'),
  equivalent: count('equivalent'),
  score,
};
mkdirSync(join(root, '.cache'), { recursive: true });
writeFileSync(join(root, '.cache/mutants.json'), `${JSON.stringify({ ...summary, tried }, undefined, 2)}\n`);
console.log(`\nSurvivors:`);
for (const { result, file, line, change, code } of tried) {
  if (result === 'survived') console.log(`  ${file}:${line}  ${change}\n      ${code}`);
}
console.log(`\n${JSON.stringify(summary)}`);
if (score < LEAST) {
  console.error(`${(score * 100).toFixed(1)} % are noticed; ${LEAST * 100} % should be.`);
  process.exitCode = 1;
}

async function tryOne(lane, mutant) {
  const undo = lane.apply(mutant);
  try {
    for (const [index, stage] of STAGES.entries()) {
      const result = await lane.test(stage, FEW_SCENARIOS, limits[index]);
      if (result !== 'passed') return result === 'failed' ? 'killed' : result;
    }
    return 'survived';
  } finally {
    undo();
  }
}

/** In an order that the seed alone decides. */
function shuffled(items, seed) {
  const result = [...items];
  let state = seed >>> 0;
  for (let i = result.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [result[i], result[other]] = [result[other], result[i]];
  }
  return result;
}
