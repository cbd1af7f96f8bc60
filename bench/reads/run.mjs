// `npm run bench`: what reading a secret costs beside what one would do without the package. Ends with 1 where a limit is passed.
import v8 from 'node:v8';
import { makeGroups } from './cases.mjs';
import { measure, sunk } from './measure.mjs';

const rounds = Number(process.env.ROUNDS ?? 31);
v8.setFlagsFromString('--allow-natives-syntax');
const isFast = new Function('object', 'return %HasFastProperties(object)');

const { groups, instances, untouched, powertools, close } = await makeGroups();
console.log(`Node ${process.version}, ${process.arch}; median of ${rounds} rounds`);
let missed = 0;
for (const { title, cases } of groups) {
  const times = await measure(cases, rounds);
  const [first] = times.values();
  console.log(`\n${title}`);
  for (const { name, limit } of cases) {
    const time = times.get(name);
    const ratio = time / first;
    const passed = limit !== undefined && ratio > limit;
    missed += passed ? 1 : 0;
    const verdict = limit === undefined ? '' : passed ? `  PAST ITS LIMIT of ${limit}` : `  (limit ${limit})`;
    console.log(`  ${name.padEnd(42)}${time.toFixed(2).padStart(9)} ns ${ratio.toFixed(2).padStart(8)} ×${verdict}`);
  }
}
const fast = (objects) => objects.filter(isFast).length;
console.log(
  `\nInstances with fast properties: ${fast(instances)} of ${instances.length} with a live property, ${fast(untouched)} of ${untouched.length} without.`,
);
if (!powertools)
  console.log('AWS Powertools is left out: (cd bench/reads/powertools && npm install --no-package-lock)');
if (sunk === 0) throw new Error('Nothing was read.');
await close();
process.exitCode = missed > 0 ? 1 : 0;
